import { countRecordSchema } from '@headcount/shared';
import { describe, expect, it } from 'vitest';
import { openIntervalSchema, Tally } from './tally.js';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 24, 9, 0, 0);
const identity = {
  camera: 'door',
  lines: ['a', 'b'],
  zones: [],
  configVersion: 'v1',
  modelHash: 'f'.repeat(64),
};

function fresh(now = START): Tally {
  return new Tally(identity, now, undefined);
}

/** What a restarted agent finds in the outbox. */
function reopen(tally: Tally, now: number): Tally {
  return new Tally(identity, now, openIntervalSchema.parse(JSON.parse(tally.snapshot())));
}

describe('a minute', () => {
  it('is closed with its crossings, its observed time and its gaps, which add up to its length', () => {
    const tally = fresh();
    tally.advance(START + 10_000, 'connecting');
    tally.advance(START + 40_000, 'observed');
    tally.see(2);
    tally.see(4);
    tally.cross('a', 'in');
    tally.cross('a', 'in');
    tally.cross('b', 'out');
    const records = tally.advance(START + MINUTE + 500, 'observed');
    expect(records).toHaveLength(2);
    for (const record of records) expect(countRecordSchema.parse(record)).toEqual(record);
    expect(records[0]).toMatchObject({
      line: 'a',
      start: START,
      lengthMs: MINUTE,
      in: 2,
      out: 0,
      totals: { in: 2, out: 0 },
      occupancy: { min: 2, max: 4, mean: 3 },
      observedMs: 50_000,
      gaps: [{ reason: 'connecting', ms: 10_000 }],
    });
  });

  it('in which nobody was looked at has no occupancy, not an occupancy of zero', () => {
    const [record] = fresh().advance(START + MINUTE, 'backoff');
    expect(record).toMatchObject({
      occupancy: null,
      observedMs: 0,
      gaps: [{ reason: 'backoff', ms: MINUTE }],
    });
  });

  it('starts from zero while the totals go on', () => {
    const tally = fresh();
    tally.cross('a', 'in');
    tally.advance(START + MINUTE, 'observed');
    tally.cross('a', 'out');
    const [record] = tally.advance(START + 2 * MINUTE, 'observed');
    expect(record).toMatchObject({ in: 0, out: 1, totals: { in: 1, out: 1 } });
  });

  it('does not count time twice when the clock goes back', () => {
    const tally = fresh();
    tally.advance(START + 30_000, 'observed');
    tally.advance(START + 20_000, 'observed');
    const [record] = tally.advance(START + MINUTE, 'observed');
    expect(record).toMatchObject({ observedMs: MINUTE, gaps: [] });
  });
});

describe('a restart', () => {
  it('within the minute goes on with the same interval and says that it was killed', () => {
    const before = fresh();
    before.advance(START + 20_000, 'observed');
    before.cross('a', 'in');
    const after = reopen(before, START + 35_000);
    expect(after.wasStopped).toBe(false);
    after.advance(START + 35_000, 'agent-killed');
    const [record] = after.advance(START + MINUTE, 'observed');
    expect(record).toMatchObject({
      in: 1,
      observedMs: 45_000,
      gaps: [{ reason: 'agent-killed', ms: 15_000 }],
    });
  });

  it('hours later closes the old interval and writes no empty records for the time between', () => {
    const before = fresh();
    before.advance(START + 20_000, 'observed');
    const later = START + 180 * MINUTE + 5000;
    const records = reopen(before, later).advance(later, 'agent-killed');
    expect(records).toMatchObject([
      { start: START, line: 'a' },
      { start: START, line: 'b' },
    ]);
    expect(records).toHaveLength(2);
  });

  it('after a clean stop begins where the last record ended, so that records never overlap', () => {
    const before = fresh();
    before.advance(START + 20_000, 'observed');
    const cut = before.cut(START + 20_000, true);
    expect(cut[0]).toMatchObject({ start: START, lengthMs: 20_000, observedMs: 20_000 });
    const after = reopen(before, START + 50_000);
    expect(after.wasStopped).toBe(true);
    after.advance(START + 50_000, 'agent-stopped');
    const [record] = after.advance(START + MINUTE, 'observed');
    expect(record).toMatchObject({ start: START + 20_000, lengthMs: 40_000, observedMs: 10_000 });
  });

  it('that ends on a clock that went back still adds up, and loses no crossing', () => {
    const tally = fresh();
    tally.advance(START + 20_000, 'observed');
    tally.cross('a', 'in');
    const [early] = tally.cut(START + 19_000, false);
    expect(countRecordSchema.parse(early)).toMatchObject({ in: 1, lengthMs: 20_000, observedMs: 20_000 });
    tally.cross('a', 'in');
    const [short] = tally.cut(START + 19_500, false);
    expect(countRecordSchema.parse(short)).toMatchObject({ in: 1, totals: { in: 2 }, lengthMs: 1 });
    expect(tally.cut(START + 19_600, false)).toEqual([]);
  });

  it('keeps the totals of lines and begins new lines at zero', () => {
    const before = fresh();
    before.cross('a', 'in');
    const open = openIntervalSchema.parse(JSON.parse(before.snapshot()));
    const after = new Tally({ ...identity, lines: ['a', 'c'] }, START + 1000, open);
    expect(after.line('a').totals).toEqual({ in: 1, out: 0 });
    expect(after.line('c').totals).toEqual({ in: 0, out: 0 });
  });
});

it('refuses a crossing of a line that it does not know', () => {
  expect(() => fresh().cross('z', 'in')).toThrow('line z is not one of camera door');
});

describe('a bad picture', () => {
  const suspects = (records: readonly { suspect: readonly string[] }[]) =>
    records.map(({ suspect }) => suspect.join('+'));

  it('makes every interval suspect of which some part was observed under it, and no other', () => {
    const tally = fresh();
    tally.advance(START + 50_000, 'observed');
    tally.sceneIs(['moved']);
    const first = tally.advance(START + MINUTE, 'observed');
    tally.advance(START + MINUTE + 1000, 'observed');
    tally.sceneIs(['moved', 'defocused']);
    tally.advance(START + MINUTE + 2000, 'observed');
    tally.sceneIs([]);
    const second = tally.advance(START + 2 * MINUTE, 'observed');
    const third = tally.advance(START + 3 * MINUTE, 'observed');
    expect(suspects([...first, ...second, ...third])).toEqual([
      ...['moved', 'moved'],
      ...['moved+defocused', 'moved+defocused'],
      ...['', ''],
    ]);
  });

  it('says nothing about time in which nobody looked, and is remembered over a restart', () => {
    const tally = fresh();
    tally.sceneIs(['black']);
    expect(suspects(tally.advance(START + MINUTE, 'stalled'))).toEqual(['', '']);
    tally.advance(START + MINUTE + 5000, 'observed');
    const restarted = reopen(tally, START + MINUTE + 9000);
    expect(suspects(restarted.advance(START + 2 * MINUTE, 'observed'))).toEqual(['black', 'black']);
  });
});
