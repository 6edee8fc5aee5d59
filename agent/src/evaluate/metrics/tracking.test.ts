import { describe, expect, it } from 'vitest';
import { clearMot } from './clear-mot.js';
import { detectionScore } from './detection.js';
import { hotaScore } from './hota.js';
import { identityScore } from './identity.js';
import { scoreFrame, type ScoredFrame } from './scored-frame.js';

const NONE = Number.NaN;

/** A frame given by distances, as py-motmetrics takes them; NaN is a pair that may not be matched. */
function byDistance(truth: number[], found: number[], distances: number[][]): ScoredFrame {
  const similarity = distances.map((row) => row.map((value) => (Number.isNaN(value) ? 0 : 1 - value)));
  return { truth, found, similarity };
}

/** One person over `ids.length` frames; each entry is the id under which they were found, 0 for not at all. */
function onePerson(ids: readonly number[]): ScoredFrame[] {
  return ids.map((id) => ({
    truth: [1],
    found: id === 0 ? [] : [id],
    similarity: [id === 0 ? [] : [1]],
  }));
}

/**
 * The worked example of the py-motmetrics README (github.com/cheind/py-motmetrics, "Populating the accumulator" and
 * "Computing metrics"): 3 frames, 2 people, MOTA 0.5, MOTP 0.34 (distance), IDF1 = IDP = IDR = 83.3 %, recall and
 * precision 83.3 %, 1 switch, 1 miss, 1 false positive. By hand:
 * frame 1 matches 1-1 (0.1) and 2-2 (0.2), 3 is false; frame 2 keeps 1-1 (0.2), 2 is missed; frame 3 keeps 1-1 (0.6)
 * though 1-3 would be nearer, so 2-3 (0.6) is a switch. MOTA = 1 - (1 + 1 + 1) / 6, distance (0.1 + 0.2 + 0.2 + 0.6 +
 * 0.6) / 5 = 0.34. Identity: 1 with track 1 shares 3 frames and 2 with track 3 shares 2, IDTP = 5 of 6 and 6 boxes.
 */
const README_EXAMPLE = [
  byDistance(
    [1, 2],
    [1, 2, 3],
    [
      [0.1, NONE, 0.3],
      [0.5, 0.2, 0.3],
    ],
  ),
  byDistance([1, 2], [1], [[0.2], [0.4]]),
  byDistance(
    [1, 2],
    [1, 3],
    [
      [0.6, 0.2],
      [0.1, 0.6],
    ],
  ),
];
/** Every finite distance of the example may be matched. */
const ANY = 0.05;

describe('the worked example of py-motmetrics', () => {
  it('has its published MOTA, MOTP and events', () => {
    const score = clearMot(README_EXAMPLE, ANY);
    expect(score).toMatchObject({ misses: 1, falsePositives: 1, idSwitches: 1, truth: 6 });
    expect(score.mota).toBeCloseTo(0.5, 9);
    expect(1 - (score.motp ?? 0)).toBeCloseTo(0.34, 9);
  });

  it('has its published IDF1, IDP, IDR', () => {
    const { idf1, idp, idr, idtp } = identityScore(README_EXAMPLE, ANY);
    expect([idf1, idp, idr].map((value) => value?.toFixed(3))).toEqual(['0.833', '0.833', '0.833']);
    expect(idtp).toBe(5);
  });

  it('has the published figures of its first two frames: MOTA 0.5, distance 0.167, IDF1 75 %', () => {
    const part = README_EXAMPLE.slice(0, 2);
    const score = clearMot(part, ANY);
    expect(score.mota).toBeCloseTo(0.5, 9);
    expect(1 - (score.motp ?? 0)).toBeCloseTo(0.5 / 3, 9);
    expect(identityScore(part, ANY).idf1).toBeCloseTo(0.75, 9);
  });
});

/**
 * One person in 12 frames, exact boxes, in the manner of figure 1 of the HOTA paper: from A to C more is detected and
 * less is held together. By hand (similarity 1, so every alpha gives the same):
 * A finds 6 of 12 as one track: DetA = 6/12, each TP has TPA 6, FNA 6: AssA = 6/12, HOTA = 1/2.
 *   MOTA = 1 - 6/12, IDF1 = 2*6 / (12 + 6).
 * B finds 8 as two tracks of 4: DetA = 8/12, TPA 4, FNA 8: AssA = 4/12, HOTA = sqrt(2/9).
 *   MOTA = 1 - (4 + 1)/12, IDF1 = 2*4 / (12 + 8).
 * C finds all 12 as four tracks of 3: DetA = 1, TPA 3, FNA 9: AssA = 3/12, HOTA = 1/2.
 *   MOTA = 1 - 3/12, IDF1 = 2*3 / (12 + 12).
 */
describe.each([
  {
    name: 'A: half of it in one piece',
    ids: [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
    expected: { hota: 1 / 2, detA: 1 / 2, assA: 1 / 2, mota: 1 / 2, idf1: 12 / 18 },
  },
  {
    name: 'B: two thirds in two pieces',
    ids: [1, 1, 1, 1, 2, 2, 2, 2, 0, 0, 0, 0],
    expected: { hota: Math.sqrt(2 / 9), detA: 2 / 3, assA: 1 / 3, mota: 7 / 12, idf1: 8 / 20 },
  },
  {
    name: 'C: all of it in four pieces',
    ids: [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4],
    expected: { hota: 1 / 2, detA: 1, assA: 1 / 4, mota: 3 / 4, idf1: 6 / 24 },
  },
])('one person, tracker $name', ({ ids, expected }) => {
  const frames = onePerson(ids);

  it('has the HOTA, DetA and AssA derived by hand', () => {
    const { hota, detA, assA } = hotaScore(frames);
    expect(hota).toBeCloseTo(expected.hota, 9);
    expect(detA).toBeCloseTo(expected.detA, 9);
    expect(assA).toBeCloseTo(expected.assA, 9);
  });

  it('has the MOTA and IDF1 derived by hand', () => {
    expect(clearMot(frames).mota).toBeCloseTo(expected.mota, 9);
    expect(identityScore(frames).idf1).toBeCloseTo(expected.idf1, 9);
  });
});

describe('localisation', () => {
  it('of 0.72 counts at 14 of the 19 thresholds, from 0.05 to 0.70', () => {
    const frames = [{ truth: [1], found: [1], similarity: [[0.72]] }];
    expect(hotaScore(frames).detA).toBeCloseTo(14 / 19, 9);
    expect(hotaScore(frames).hota).toBeCloseTo(14 / 19, 9);
  });

  it('exactly at a threshold counts', () => {
    expect(hotaScore([{ truth: [1], found: [1], similarity: [[0.15]] }]).detA).toBeCloseTo(3 / 19, 9);
  });
});

describe('two people who swap their ids halfway', () => {
  // 4 frames, ids 1 and 2 swapped in the last two: MOTA = 1 - 2/8; IDTP = 2 + 2 of 8; each TP has TPA 2, FNA 2, FPA 2:
  // AssA = 2/6, DetA = 1, HOTA = sqrt(1/3).
  const boxes = (ids: [number, number]) =>
    ids.map((id, index) => ({ id, box: { x: index * 100, y: 0, w: 40, h: 100 } }));
  const frames = [0, 1, 2, 3].map((step) => scoreFrame(boxes([7, 8]), boxes(step < 2 ? [1, 2] : [2, 1])));

  it('cost two switches, half the identity and two thirds of the association', () => {
    expect(clearMot(frames)).toMatchObject({ mota: 0.75, motp: 1, idSwitches: 2 });
    expect(identityScore(frames).idf1).toBe(0.5);
    expect(hotaScore(frames).assA).toBeCloseTo(1 / 3, 9);
    expect(hotaScore(frames).hota).toBeCloseTo(Math.sqrt(1 / 3), 9);
  });

  it('are all detected', () => {
    expect(detectionScore(frames)).toEqual({ recall: 1, precision: 1, truth: 8, found: 8, right: 8 });
  });
});

describe('frames without anybody', () => {
  it('give no figure rather than a wrong one', () => {
    const empty = [scoreFrame([], [])];
    expect(detectionScore(empty)).toMatchObject({ recall: null, precision: null });
    expect(clearMot(empty)).toMatchObject({ mota: null, motp: null });
    expect(identityScore(empty)).toMatchObject({ idf1: null, idp: null, idr: null });
    expect(hotaScore(empty)).toEqual({ hota: null, detA: null, assA: null });
  });

  it('in the truth make every found box false', () => {
    const frames = [scoreFrame([], [{ id: 1, box: { x: 0, y: 0, w: 1, h: 1 } }])];
    expect(detectionScore(frames)).toMatchObject({ recall: null, precision: 0 });
    expect(clearMot(frames)).toMatchObject({ mota: null, falsePositives: 1 });
    expect(hotaScore(frames)).toEqual({ hota: 0, detA: 0, assA: 0 });
  });
});
