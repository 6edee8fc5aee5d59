import { zoneRecordSchema, type ZoneRecord } from '@headcount/shared';
import { describe, expect, it } from 'vitest';
import { openIntervalSchema, Tally, type IntervalRecord } from './tally.js';
import type { Visit, ZoneReading } from './zone-counter.js';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 24, 9, 0, 0);
const identity = {
  camera: 'door',
  lines: ['a'],
  zones: ['till'],
  configVersion: 'v1',
  modelHash: 'f'.repeat(64),
};
const NOTHING: ZoneReading = { inside: 0, occupancy: 0, queue: 0, over: false, entered: 0, ended: [] };

function visit(ms: number, complete = true): Visit {
  return { track: 1, from: 1000.4, to: 1000.4 + ms, complete };
}

function fresh(): Tally {
  return new Tally(identity, START, undefined);
}

function reopen(tally: Tally, now: number): Tally {
  return new Tally(identity, now, openIntervalSchema.parse(JSON.parse(tally.snapshot())));
}

/** Time passes until a frame shows this. */
function see(tally: Tally, at: number, reading: Partial<ZoneReading>): IntervalRecord[] {
  const closed = tally.advance(at, 'observed');
  tally.seeZone('till', { ...NOTHING, ...reading });
  return closed;
}

function zoneOf(records: readonly IntervalRecord[]): ZoneRecord {
  const [record] = records.filter((one) => one.kind === 'zone');
  expect(zoneRecordSchema.parse(record)).toEqual(record);
  return record as ZoneRecord;
}

describe('a zone record', () => {
  it('stands beside the count records, with the mean weighted by time and not by frames', () => {
    const tally = fresh();
    see(tally, START, { occupancy: 1, entered: 1 });
    // Two seconds in which many frames show ten people weigh no more than two seconds.
    for (let ms = 28_000; ms < 30_000; ms += 40)
      see(tally, START + ms, { occupancy: 10, queue: 4, entered: ms === 28_000 ? 9 : 0 });
    see(tally, START + 30_000, { occupancy: 1, ended: Array<Visit>(9).fill(visit(2000)) });
    const records = tally.advance(START + MINUTE, 'observed');
    expect(records.map(({ kind }) => kind)).toEqual(['count', 'zone']);
    expect(zoneOf(records)).toMatchObject({
      camera: 'door',
      zone: 'till',
      entries: 10,
      exits: 9,
      totals: { entries: 10, exits: 9 },
      occupancy: { min: 1, max: 10, mean: expect.closeTo((58 + 20) / 60, 6) as number },
      queue: { max: 4, mean: expect.closeTo(8 / 60, 6) as number },
      observedMs: MINUTE,
      gaps: [],
    });
  });

  it('has a histogram that sums to the visits with a dwell, bounds included', () => {
    const tally = fresh();
    const lengths = [0, 4999.7, 5000, 5001, 60_000, 1_800_000, 1_800_001];
    see(tally, START + 1000, { ended: [...lengths.map((ms) => visit(ms)), visit(7000, false)] });
    const { dwell, exits } = zoneOf(tally.advance(START + MINUTE, 'observed'));
    expect(exits).toBe(lengths.length + 1);
    expect(dwell.buckets).toEqual([3, 1, 0, 1, 0, 0, 0, 1, 1]);
    expect(dwell.buckets.reduce((sum, visits) => sum + visits, 0)).toBe(lengths.length);
    expect(dwell.sumMs).toBe(Math.round(lengths.reduce((sum, ms) => sum + Math.round(ms), 0)));
  });

  it('has no occupancy when nobody looked, and carries no level over a gap', () => {
    const tally = fresh();
    see(tally, START + 1000, { occupancy: 5 });
    tally.advance(START + 2 * MINUTE, 'stalled');
    const record = zoneOf(tally.advance(START + 3 * MINUTE, 'backoff'));
    expect(record).toMatchObject({ occupancy: null, queue: null, observedMs: 0 });
  });

  it('goes on with the level and the totals of the interval before', () => {
    const tally = fresh();
    see(tally, START + 1000, { occupancy: 2, entered: 2 });
    tally.advance(START + MINUTE, 'observed');
    const record = zoneOf(tally.advance(START + 2 * MINUTE, 'observed'));
    expect(record).toMatchObject({
      entries: 0,
      totals: { entries: 2, exits: 0 },
      occupancy: { min: 2, max: 2, mean: 2 },
    });
  });
});

describe('a restart in the middle of a visit', () => {
  it('ends the visit without a dwell after a kill, so that entries less exits is who is inside', () => {
    const before = fresh();
    see(before, START + 10_000, { occupancy: 2, entered: 2 });
    see(before, START + 20_000, { occupancy: 1, ended: [visit(10_000)] });
    before.setOver('till', 1);
    const after = reopen(before, START + 30_000);
    expect(after.zone('till')).toEqual({ totals: { entries: 2, exits: 2 }, over: 1 });
    after.advance(START + 30_000, 'agent-killed');
    see(after, START + 31_000, { occupancy: 1, entered: 1 });
    const record = zoneOf(after.advance(START + MINUTE, 'observed'));
    expect(record).toMatchObject({ entries: 3, exits: 2, totals: { entries: 3, exits: 2 } });
    expect(record.dwell.buckets.reduce((sum, visits) => sum + visits, 0)).toBe(1);
    expect(record.occupancy?.mean).toBeCloseTo((2 * 10 + 29) / 39, 6);
  });

  it('reads an interval that the version without zones left open', () => {
    const old = {
      start: START,
      end: START + MINUTE,
      accountedUntil: START + 20_000,
      observedMs: 20_000,
      gaps: {},
      occupancy: { min: 0, max: 2, sum: 40, frames: 40 },
      lines: { a: { now: { in: 1, out: 0 }, totals: { in: 7, out: 3 } } },
      stopped: true,
    };
    const tally = new Tally(identity, START + 30_000, openIntervalSchema.parse(old));
    tally.advance(START + 30_000, 'agent-stopped');
    const records = tally.advance(START + MINUTE, 'observed');
    expect(records[0]).toMatchObject({ kind: 'count', in: 1, stitched: 0, totals: { in: 7, out: 3 } });
    expect(zoneOf(records)).toMatchObject({ totals: { entries: 0, exits: 0 }, occupancy: null });
  });
});

it('counts how many crossings of a line rest on two tracks', () => {
  const tally = fresh();
  tally.cross('a', 'in', true);
  tally.cross('a', 'out');
  expect(tally.advance(START + MINUTE, 'observed')[0]).toMatchObject({ in: 1, out: 1, stitched: 1 });
  expect(tally.advance(START + 2 * MINUTE, 'observed')[0]).toMatchObject({ stitched: 0 });
});

it('refuses a zone that it does not know', () => {
  expect(() => fresh().seeZone('roof', NOTHING)).toThrow('zone roof is not one of camera door');
});
