import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordSchema, type CountRecord, type OutboxRecord } from '@headcount/shared';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ClockKeeper } from '../src/clock-keeper.js';
import { openIntervalSchema, Tally } from '../src/counter/tally.js';
import type { Detector } from '../src/detector/detector.js';
import { EVERYBODY } from '../src/detector/person-filter.js';
import type { Outbox } from '../src/outbox/outbox.js';
import { openOutbox } from '../src/outbox/sqlite-outbox.js';
import { CameraPipeline } from '../src/pipeline/camera-pipeline.js';
import { FrameCounter } from '../src/pipeline/frame-counter.js';
import { Journal } from '../src/pipeline/journal.js';
import { PersonCounter } from '../src/pipeline/person-counter.js';
import { UtcClock } from '../src/pipeline/utc-clock.js';

const TRUE_START = Date.UTC(2026, 10, 24, 9, 0, 30);
const logger = pino({ level: 'silent' });
const quiet = () => undefined;

/** A machine: what its clock shows, and the time that has really passed since its boot (ms). */
class Machine {
  readonly file = join(mkdtempSync(join(tmpdir(), 'headcount-clock-')), 'outbox.sqlite');
  boot = 'boot-1';
  passed = 0;
  synchronised: boolean | null = false;
  /** What the wall clock adds to the time since the boot. */
  offset: number;

  constructor(wall: number) {
    this.offset = wall;
  }
}

/** One run of an agent with one camera; its outbox is real, and so is everything that makes records of counts. */
async function run(machine: Machine) {
  const begun = machine.passed;
  const monotonic = () => machine.passed - begun;
  const clock = new UtcClock({ wall: () => machine.offset + machine.passed, monotonic });
  const outbox: Outbox = openOutbox({ file: machine.file, now: () => clock.at(), logger });
  const journal: Journal = new Journal({
    outbox,
    logger,
    now: () => clock.at(),
    monotonic,
    stamp: () => keeper.stamp(),
    onRecords: quiet,
    onMove: quiet,
  });
  const keeper: ClockKeeper = new ClockKeeper({
    clock,
    journal,
    boot: machine.boot,
    sinceBoot: () => machine.passed,
    monotonic,
    askSync: () => Promise.resolve({ synchronised: machine.synchronised, offsetMs: null }),
    onStep: (before, after, continues) => pipeline.clockStepped(before, after, continues),
    logger,
  });
  await keeper.start();
  const left = outbox.openIntervals().get('door');
  const before = left && openIntervalSchema.parse(JSON.parse(left.state));
  const origin = { camera: 'door', configVersion: 'v1', modelHash: 'f'.repeat(64) };
  const tally = new Tally({ ...origin, lines: ['a'], zones: [] }, clock.at(), before);
  const detector = { detect: () => Promise.resolve([]) } as unknown as Detector;
  const pipeline = new CameraPipeline({
    camera: 'door',
    fps: 10,
    lines: [],
    zones: [],
    counter: new FrameCounter({
      detector,
      counter: new PersonCounter({ lines: [], highScore: 0.5 }),
      filter: EVERYBODY,
      motionGate: false,
    }),
    tally,
    journal,
    clock,
    logger,
    resumed: left !== undefined,
    before:
      left !== undefined && (left.stamp !== undefined || !clock.certain) ? { stamp: left.stamp } : undefined,
  });
  pipeline.start();
  /** Seconds pass, one crossing in each. */
  const seconds = async (count: number) => {
    for (let second = 0; second < count; second++) {
      machine.passed += 1000;
      keeper.tick();
      pipeline.tick();
      tally.cross('a', 'in');
      await Promise.resolve();
    }
  };
  return { outbox, seconds, pipeline, tally };
}

function counts(outbox: Outbox): CountRecord[] {
  return (outbox.nextBatch(1e6)?.records ?? []).filter((record) => record.kind === 'count');
}

function events(outbox: Outbox): string[] {
  const of = (record: OutboxRecord) => (record.kind === 'event' ? [record.event] : []);
  return (outbox.nextBatch(1e6)?.records ?? []).flatMap(of);
}

/** Records of one line must follow each other in time without overlapping. */
function expectNoOverlap(records: readonly CountRecord[]) {
  records.forEach((record, index) => {
    const before = records[index - 1];
    if (before !== undefined) expect(record.start).toBeGreaterThanOrEqual(before.start + before.lengthMs);
  });
}

afterEach(() => vi.unstubAllEnvs());

describe('before the first time server', () => {
  it.each([
    ['never set', 0],
    ['an hour slow', TRUE_START - 3_600_000],
    ['ahead', TRUE_START + 86_400_000],
  ])('counts under a clock that is %s wait, and get the right time, also over a kill', async (_, wall) => {
    const machine = new Machine(wall);
    const first = await run(machine);
    await first.seconds(150);
    expect(first.outbox.nextBatch(200)).toBeUndefined();
    first.outbox.close(); // killed: no pipeline was closed
    machine.passed += 4000;
    const second = await run(machine);
    await second.seconds(100);
    expect(second.outbox.nextBatch(200)).toBeUndefined();
    machine.offset = TRUE_START;
    await second.seconds(1);
    machine.synchronised = true;
    await second.seconds(150);
    await second.pipeline.close();
    const records = counts(second.outbox);
    expectNoOverlap(records);
    expect(second.outbox.stats().provisional).toBe(0);
    const [head] = records;
    const last = records.at(-1);
    // The true time of the first and the last second, whatever the clock said.
    expect(Math.abs((head?.start ?? 0) - TRUE_START)).toBeLessThanOrEqual(60_000);
    expect((last?.start ?? 0) + (last?.lengthMs ?? 0)).toBe(TRUE_START + machine.passed);
    // Nothing is missing after the restart, the step included; what a kill can cost is 5 s.
    const sum = records.reduce((total, record) => total + record.in, 0);
    expect(sum).toBeGreaterThanOrEqual(401 - 6);
    expect(records.at(-1)?.totals.in).toBe(sum);
    for (const record of records) expect(recordSchema.safeParse(record).error).toBeUndefined();
    expect(events(second.outbox)).toContain('clock-step');
    second.outbox.close();
  });

  it('counts go as they are after ten minutes, and an event says so', async () => {
    const machine = new Machine(TRUE_START - 60_000);
    const { outbox, seconds } = await run(machine);
    await seconds(590);
    expect(outbox.nextBatch(200)).toBeUndefined();
    await seconds(30);
    expect(counts(outbox).length).toBeGreaterThan(8);
    expect(events(outbox)).toEqual(['clock-unsynchronised']);
    outbox.close();
  });

  it('counts under a clock before 2020 wait on, because the collector could not store them', async () => {
    const { outbox, seconds } = await run(new Machine(0));
    await seconds(700);
    expect(outbox.nextBatch(200)).toBeUndefined();
    expect(outbox.stats().provisional).toBeGreaterThan(8);
    outbox.close();
  });

  it('what an earlier boot left cannot be corrected; it goes and is told of', async () => {
    const machine = new Machine(TRUE_START - 60_000);
    const first = await run(machine);
    await first.seconds(130);
    first.outbox.close();
    Object.assign(machine, { boot: 'boot-2', passed: 0, offset: TRUE_START + 200_000, synchronised: true });
    const second = await run(machine);
    await second.seconds(70);
    expect(counts(second.outbox).length).toBeGreaterThan(2);
    expect(events(second.outbox)).toEqual(['clock-unsynchronised']);
    second.outbox.close();
  });
});

describe('with a clock that is set, or of which nobody knows', () => {
  it.each([true, null])('nothing waits (synchronised: %s)', async (synchronised) => {
    const machine = new Machine(TRUE_START);
    machine.synchronised = synchronised;
    const { outbox, seconds } = await run(machine);
    await seconds(130);
    expect(counts(outbox)).toHaveLength(2);
    expect(outbox.stats().provisional).toBe(0);
    outbox.close();
  });

  it.each([7_200_000, -7_200_000, 90_000])(
    'a later step of %d ms is a gap, and no record mixes both',
    async (step) => {
      const machine = new Machine(TRUE_START);
      machine.synchronised = true;
      const { outbox, seconds, pipeline } = await run(machine);
      await seconds(100);
      machine.offset += step;
      await seconds(100);
      await pipeline.close();
      const records = counts(outbox);
      expect(records.reduce((sum, record) => sum + record.in, 0)).toBe(200);
      expect(records.flatMap(({ gaps }) => gaps.map(({ reason }) => reason))).toContain('clock-step');
      outbox.close();
    },
  );

  it('small drift is no step', async () => {
    const machine = new Machine(TRUE_START);
    machine.synchronised = true;
    const { outbox, seconds, pipeline } = await run(machine);
    for (let minute = 0; minute < 5; minute++) {
      machine.offset += 30;
      await seconds(60);
    }
    await pipeline.close();
    expect(events(outbox)).toEqual([]);
    expectNoOverlap(counts(outbox));
    outbox.close();
  });

  it.each([
    ['Europe/Berlin', Date.UTC(2026, 2, 29, 0, 58)],
    ['Europe/Berlin', Date.UTC(2026, 9, 25, 0, 58)],
    ['America/New_York', Date.UTC(2026, 2, 8, 6, 58)],
    ['America/New_York', Date.UTC(2026, 10, 1, 5, 58)],
  ])('a night in %s when clocks are changed is a night like any other', async (zone, start) => {
    vi.stubEnv('TZ', zone);
    const machine = new Machine(start);
    machine.synchronised = true;
    const { outbox, seconds } = await run(machine);
    await seconds(300);
    const records = counts(outbox);
    expect(records.map((record) => record.start)).toEqual([0, 1, 2, 3, 4].map((n) => start + n * 60_000));
    expect(events(outbox)).toEqual([]);
    outbox.close();
  });
});
