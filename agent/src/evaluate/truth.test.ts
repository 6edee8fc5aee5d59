import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readBoxes } from './boxes.js';
import { placeTruth } from './placement.js';
import { readTruth } from './truth.js';

const folder = mkdtempSync(join(tmpdir(), 'headcount-truth-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(value: unknown): string {
  const file = join(folder, 'truth.json');
  writeFileSync(file, JSON.stringify(value));
  return file;
}

/** The directions of a line's events. */
function directions(line: object): string[] {
  const truth = readTruth(write({ lines: { door: line } }));
  return truth.lines['door']?.events.map(({ direction }) => direction) ?? [];
}

describe('the direction of an event', () => {
  const events = ['RL', 'LR', 'in', 'out'].map((name, index) => [index + 1, 1, name]);

  it('RL is "in" where the line runs downwards or level', () => {
    expect(directions({ from: [300, 150], to: [300, 480], events })).toEqual(['in', 'out', 'in', 'out']);
    expect(directions({ from: [10, 300], to: [500, 300], events })).toEqual(['in', 'out', 'in', 'out']);
  });

  it('RL is "out" where the line runs upwards: "in" is to the right of who walks along it', () => {
    expect(directions({ from: [300, 480], to: [300, 150], events })).toEqual(['out', 'in', 'in', 'out']);
  });

  it('may have names', () => {
    const line = { from: [0, 0], to: [0, 99], directions: { in: 'north', out: 'south' } };
    expect(
      directions({
        ...line,
        events: [
          [1, 1, 'south'],
          [2, 1, 'north'],
        ],
      }),
    ).toEqual(['out', 'in']);
  });
});

describe('a truth file', () => {
  it('names all its problems at once, each with its place', () => {
    const file = write({
      frames: { from: 9, to: 3 },
      lines: {
        A: { from: [1, 2], to: [3], events: [] },
        B: { from: [1, 2], to: [3, 400], events: [[1, 2, 'UP']] },
        C: { to: [3, 400], anchor: 'foot', events: [[0, 1.5, 'LR']] },
      },
      zones: { Z: { polygon: [[1, 2]], visits: [[5, 2, 1]] } },
    });
    expect(() => readTruth(file)).toThrow(
      [
        `${file}: 9 problems`,
        'frames: from lies after to',
        'lines.A.to: must have at least 2 entries',
        'lines.B.events[0][2]: "UP" is no direction of this line; use "in", "out", "LR", "RL"',
        'lines.C.from: is missing',
        'lines.C.anchor: must be one of bottom-centre, centre, head',
        'lines.C.events[0][0]: must be at least 1',
        'lines.C.events[0][1]: must be a whole number',
        'zones.Z.polygon: must have at least 3 entries',
        'zones.Z.visits[0]: it ends before it begins; write [first frame, last frame, track id]',
      ].join('\n  '),
    );
  });

  it('must hold something to compare with', () => {
    expect(() => readTruth(write({ frames: { from: 1 } }))).toThrow('there is nothing to compare with');
  });

  it('names boxes that cannot be read', () => {
    expect(() => readTruth(write({ boxes: 'none.csv' }))).toThrow(/none\.csv cannot be read: ENOENT/);
  });

  it('must fit the clip', () => {
    const truth = readTruth(
      write({
        lines: { A: { from: [1, 2], to: [3, 900], events: [] }, B: { from: [1, 2], to: [3, 4], events: [] } },
        zones: {
          Z: {
            polygon: [
              [0, 0],
              [1, 0],
              [1, 1],
            ],
            visits: [],
          },
        },
      }),
    );
    expect(() => placeTruth(truth, { width: 768, height: 576 })).toThrow(
      [
        '3 problems',
        'lines.A.to: lies outside the clip, which is 768 x 576 pixels',
        'lines.B.to: two of its points are closer than 0.02 of the picture; draw a longer line',
        'zones.Z.polygon: covers less than 0.001 of the picture; draw a larger zone',
      ].join('\n  '),
    );
  });
});

describe('true boxes', () => {
  it('are grouped by frame', () => {
    const { boxes, problems } = readBoxes('frame,id,x,y,w,h\n5,1,10,20,30,40.5\r\n5,2,0,0,1,1\n');
    expect(problems).toEqual([]);
    expect(boxes.get(5)?.map(({ id, box }) => [id, box.h])).toEqual([
      [1, 40.5],
      [2, 1],
    ]);
  });

  it('name every wrong line', () => {
    const text = [
      'frame,id,x,y,w,h',
      '1,1,0,0,5,5',
      '1,1,0,0,5,5',
      '0,1,0,0,5,5',
      '1,2,0,0,0,5',
      '1,2,,0,5,5',
    ];
    expect(readBoxes(text.join('\n')).problems).toEqual([
      'line 3: person 1 stands twice in frame 1',
      'line 4: frames are counted from 1',
      'line 5: width and height must be above 0',
      'line 6 must be six numbers: frame,id,x,y,w,h',
    ]);
    expect(readBoxes('id,frame').problems).toEqual(['line 1 must be "frame,id,x,y,w,h"']);
  });

  it('do not fill the screen with problems', () => {
    const { problems } = readBoxes(['frame,id,x,y,w,h', ...Array<string>(30).fill('x')].join('\n'));
    expect(problems).toHaveLength(11);
    expect(problems.at(-1)).toBe('and 20 more lines like these');
  });
});
