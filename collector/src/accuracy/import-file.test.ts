import { describe, expect, it } from 'vitest';
import { readImport } from './import-file.js';

const HEADER = 'from,to,in,out,light,density,note';
const row = (text: string) => `${HEADER}\n${text}\n`;
const messages = (csv: string) => readImport(csv).errors.map(({ path, message }) => `${path}: ${message}`);

describe('a file of manual counts', () => {
  it('is read in any order of columns, with offsets, quotes and empty cells', () => {
    const csv = `\uFEFFout;IN;to;from;note\r\n1;12;2026-03-02T10:15+07:00;2026-03-02T03:00Z;"door; both wings"\r\n\r\n`;
    expect(readImport(csv)).toEqual({
      errors: [],
      rows: [
        {
          ...{ row: 2, from: Date.parse('2026-03-02T03:00Z'), to: Date.parse('2026-03-02T03:15Z') },
          ...{ in: 12, out: 1, light: null, density: null, note: 'door; both wings' },
        },
      ],
    });
  });

  it('keeps light and density', () => {
    const { rows } = readImport(row('2026-03-02T10:00+07:00,2026-03-02T10:01+07:00,0,0,night,high,'));
    expect(rows).toMatchObject([{ light: 'night', density: 'high', note: '' }]);
  });

  it('names everything that is wrong at once, with row, column and what to do', () => {
    const csv = [
      HEADER,
      '2026-03-02 10:00,2026-03-02T10:01+07:00,1,2,,,',
      '2026-03-02T10:01:30+07:00,2026-03-02T10:02+07:00,-1,2.5,dim,,',
      '2026-02-30T10:00Z,2026-03-02T10:00Z,1,1,,,',
      '2026-03-02T10:09+07:00,2026-03-02T10:04+07:00,1,2,,packed,',
    ].join('\n');
    expect(messages(csv)).toEqual([
      'row 2, from: is not a time with its offset; write it as 2026-03-02T10:00+07:00',
      'row 3, from: is not a whole minute, as counts are stored; leave out the seconds',
      'row 3, in: is not a whole number of people, 0 or more',
      'row 3, out: is not a whole number of people, 0 or more',
      'row 3, light: is none of day, dusk, night, artificial; leave it empty where you do not know',
      'row 4, from: is not a time with its offset; write it as 2026-03-02T10:00+07:00',
      'row 5, density: is none of low, medium, high; leave it empty where you do not know',
      'row 5, to: must lie after "from", by 24 hours at most; split longer rows',
    ]);
  });

  it.each([
    ['', 'row 1: has no column "from"; add it'],
    [
      'from,to,in,out,people\n',
      'row 1: has an unknown column "people"; columns are from, to, in, out, light, density, note',
    ],
    ['from,to,in,out,in\n', 'row 1: has the column "in" twice; leave one out'],
    [HEADER, 'file: has a header and no rows; add one row per span'],
    [row('2026-03-02T10:00Z,2026-03-02T10:01Z,1'), 'file: is not comma-separated text'],
    [
      row('2026-03-02T10:05Z,2026-03-02T10:01Z,1,1,,,'),
      'row 2, to: must lie after "from", by 24 hours at most; split longer rows',
    ],
    [
      row('2026-03-02T10:00Z,2026-03-02T10:10Z,1,1,,,\n2026-03-02T10:05Z,2026-03-02T10:06Z,1,1,,,'),
      'row 3, from: lies in the time of row 2; the same people must not count twice',
    ],
  ])('%j is refused', (csv, message) => {
    expect(messages(csv)[0]).toContain(message);
  });
});
