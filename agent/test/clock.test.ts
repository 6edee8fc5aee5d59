import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordSchema, type CountRecord } from '@headcount/shared';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openIntervalSchema, Tally } from '../src/counter/tally.js';
import { EVERYBODY } from '../src/detector/person-filter.js';
import { openOutbox } from '../src/outbox/sqlite-outbox.js';
import { CameraPipeline } from '../src/pipeline/camera-pipeline.js';
import { FrameCounter } from '../src/pipeline/frame-counter.js';
import { Journal } from '../src/pipeline/journal.js';
import { PersonCounter } from '../src/pipeline/person-counter.js';
import { UtcClock } from '../src/pipeline/utc-clock.js';

const NOON = Date.UTC(2026, 10, 24, 12);
const SECOND = 1000;
const MINUTE = 60_000;
const logger = pino({ level: 'silent' });

let file = '';
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'headcount-clock-')), 'outbox.sqlite');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(join(file, '..'), { recursive: true });
});

/** A gateway's clocks: the monotonic one only ever goes on, the wall clock can be set. */
class Clocks {
  monotonic = 0;
  private ahead: number;

  constructor(wall: number) {
    this.ahead = wall;
  }

  readonly wall = () => this.ahead + this.monotonic;

  /** Set the wall clock forward, or with less than 0 back, by so many ms. */
  step(ms: number): void {
    this.ahead += ms;
  }
}

/** One run of a camera's pipeline on the outbox file, with a second-by-second life as the agent gives it. */
function boot(clocks: Clocks) {
  const outbox = openOutbox({ file, now: clocks.wall, logger });
  const clock = new UtcClock({ wall: clocks.wall, monotonic: () => clocks.monotonic });
  const open = outbox.openIntervals().get('door');
  const before = open === undefined ? undefined : openIntervalSchema.parse(JSON.parse(open.state));
  const identity = {
    camera: 'door',
    lines: ['gate'],
    zones: [],
    configVersion: 'v1',
    modelHash: 'f'.repeat(64),
  };
  const tally = new Tally(identity, clock.at(), before);
  const pipeline = new CameraPipeline({
    camera: 'door',
    fps: 10,
    lines: [],
    zones: [],
    counter: new FrameCounter({
      detector: { detect: () => Promise.reject(new Error('no frame is shown')) } as never,
      counter: new PersonCounter({ lines: [], highScore: 0.5 }),
      filter: EVERYBODY,
      motionGate: false,
    }),
    tally,
    journal: new Journal({
      ...{ outbox, logger, now: () => clock.at(), monotonic: () => clocks.monotonic },
      ...{ onRecords: () => undefined, onMove: () => undefined },
    }),
    clock,
    logger,
    resumed: open !== undefined,
  });
  pipeline.start();
  pipeline.cameraIs('streaming');
  return {
    /** Live for so many seconds, with somebody who comes in every one of them. */
    count(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        clocks.monotonic += SECOND;
        const old = clock.at();
        if (clock.follow() !== 0) pipeline.clockStepped(old, clock.at(), false);
        tally.cross('gate', 'in');
        pipeline.tick();
      }
    },
    stop: async () => {
      await pipeline.close();
      outbox.close();
    },
    /** The power goes: nobody says goodbye. */
    kill: () => outbox.close(),
  };
}

/** Every count on disk; each fits the contract, and the deltas are what the totals say. */
function counts(): CountRecord[] {
  const outbox = openOutbox({ file, now: () => NOON, logger });
  const records = (outbox.nextBatch(10_000)?.records ?? []).map((record) => recordSchema.parse(record));
  outbox.close();
  const found = records.filter((record) => record.kind === 'count');
  let total = 0;
  for (const { in: came, totals } of found) {
    total += came;
    expect(totals.in).toBe(total);
  }
  return found;
}

/** What the file knows at a power cut: counts of closed intervals and of the open one. */
function keptOnDisk(): number {
  const outbox = openOutbox({ file, now: () => NOON, logger });
  const open = openIntervalSchema.parse(JSON.parse(outbox.openIntervals().get('door')?.state ?? ''));
  outbox.close();
  return open.lines['gate']?.totals.in ?? 0;
}

const sum = (records: readonly CountRecord[]) => records.reduce((all, record) => all + record.in, 0);

describe('a clock that is set while the agent counts', () => {
  it.each([
    ['forward by an hour', 60 * MINUTE],
    ['back by an hour', -60 * MINUTE],
    ['forward by years, as at the first sync of a gateway without a battery', 20_000 * 24 * 60 * MINUTE],
    ['back by a second, which is drift', -SECOND],
  ])('%s loses and doubles nobody', async (_, ms) => {
    const clocks = new Clocks(ms > 1e12 ? NOON - ms : NOON);
    const agent = boot(clocks);
    agent.count(90);
    clocks.step(ms);
    agent.count(90);
    await agent.stop();
    expect(sum(counts())).toBe(180);
    const covered = counts().reduce((all, { lengthMs }) => all + lengthMs, 0);
    // What was not lived through is a gap that says so: no step is ever counted as observed time.
    const steps = counts().flatMap(({ gaps }) => gaps.filter(({ reason }) => reason === 'clock-step'));
    expect(covered - steps.reduce((all, gap) => all + gap.ms, 0)).toBeLessThanOrEqual(180 * SECOND);
  });

  it('mixes both clocks in no record', async () => {
    const clocks = new Clocks(NOON);
    const agent = boot(clocks);
    agent.count(30);
    clocks.step(60 * MINUTE);
    agent.count(30);
    await agent.stop();
    expect(counts().map(({ start, lengthMs }) => [start - NOON, lengthMs])).toEqual([
      [0, 31 * SECOND],
      [60 * MINUTE, MINUTE],
    ]);
  });
});

describe('a gateway that starts with a clock in the past', () => {
  it.each([
    ['was killed', false],
    ['was stopped', true],
  ])('after it %s, tells what it counted before and after', async (_, clean) => {
    const first = boot(new Clocks(NOON));
    first.count(90);
    if (clean) await first.stop();
    else first.kill();
    const kept = keptOnDisk();
    expect(kept).toBeGreaterThan(80);
    // An hour behind at the boot, right again two minutes later.
    const clocks = new Clocks(NOON - 60 * MINUTE);
    const second = boot(clocks);
    second.count(120);
    clocks.step(65 * MINUTE);
    second.count(90);
    await second.stop();
    expect(sum(counts())).toBe(kept + 210);
    // Not one of them waits in an interval whose end is far away.
    const [, , late] = counts();
    expect(late?.start).toBeLessThan(NOON);
  });
});

describe('the nights on which clocks are changed', () => {
  it.each([
    ['Europe/Berlin', Date.UTC(2026, 2, 29, 1)],
    ['Europe/Berlin', Date.UTC(2026, 9, 25, 1)],
    ['America/New_York', Date.UTC(2026, 2, 8, 7)],
    ['America/New_York', Date.UTC(2026, 10, 1, 6)],
  ])('in %s at %d are nothing special: every minute of UTC has its record', async (zone, change) => {
    vi.stubEnv('TZ', zone);
    // The zone is in force: local time really jumps here.
    expect(new Date(change).getTimezoneOffset()).not.toBe(new Date(change - 1).getTimezoneOffset());
    const agent = boot(new Clocks(change - 5 * MINUTE));
    agent.count(600);
    await agent.stop();
    const minutes = counts().map(({ start, lengthMs, gaps }) => [start, lengthMs, gaps.length]);
    expect(minutes).toHaveLength(10);
    minutes.forEach(([start, length], index) => {
      expect([start, length]).toEqual([change + (index - 5) * MINUTE, MINUTE]);
    });
    expect(sum(counts())).toBe(600);
  });
});
