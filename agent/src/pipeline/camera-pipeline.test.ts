import type { OutboxRecord } from '@headcount/shared';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../camera/frame.js';
import { zoneSchema } from '../config/camera-config.js';
import { openIntervalSchema, Tally } from '../counter/tally.js';
import type { Detection, Detector } from '../detector/detector.js';
import { EVERYBODY } from '../detector/person-filter.js';
import type { Outbox, OutboxChange } from '../outbox/outbox.js';
import { CameraPipeline } from './camera-pipeline.js';
import { FrameCounter } from './frame-counter.js';
import { Journal } from './journal.js';
import { PersonCounter } from './person-counter.js';
import { UtcClock } from './utc-clock.js';

const START = Date.UTC(2026, 10, 24, 9, 0, 0);
const STEP_MS = 100;
const logger = pino({ level: 'silent' });
const zone = zoneSchema.parse({
  id: 'till',
  name: 'Till',
  capacity: 1,
  polygon: [
    [0.25, 0.25],
    [0.75, 0.25],
    [0.75, 0.75],
    [0.25, 0.75],
  ],
});

/** What the disk holds: every record and the open interval, as of the last commit. */
function memoryOutbox() {
  const records: OutboxRecord[] = [];
  let open: string | undefined;
  const outbox = {
    commit: (change: OutboxChange) => {
      records.push(...(change.records ?? []));
      open = change.open?.at(-1)?.state ?? open;
    },
  } as Outbox;
  return { outbox, records, open: () => open };
}

/** One run of an agent's pipeline over a disk, with a detector that sees who the test says. */
function run(disk: ReturnType<typeof memoryOutbox>, now: { at: number }) {
  let people: readonly Detection[] = [];
  const detector = { detect: () => Promise.resolve(people) } as unknown as Detector;
  const clock = new UtcClock({ wall: () => START + now.at, monotonic: () => now.at });
  const identity = {
    camera: 'door',
    lines: [],
    zones: ['till'],
    configVersion: 'v1',
    modelHash: 'f'.repeat(64),
  };
  const open = disk.open();
  const before = open === undefined ? undefined : openIntervalSchema.parse(JSON.parse(open));
  const pipeline = new CameraPipeline({
    camera: 'door',
    fps: 10,
    lines: [],
    zones: [zone],
    counter: new FrameCounter({
      detector,
      counter: new PersonCounter({ lines: [], highScore: 0.5 }),
      filter: EVERYBODY,
      motionGate: false,
    }),
    tally: new Tally(identity, clock.at(), before),
    journal: new Journal({
      outbox: disk.outbox,
      logger,
      now: () => START + now.at,
      monotonic: () => now.at,
      onRecords: () => undefined,
      onMove: () => undefined,
    }),
    clock,
    logger,
    resumed: open !== undefined,
  });
  pipeline.start();
  pipeline.cameraIs('streaming');
  return {
    pipeline,
    /** Show people whose feet are at these places of an 800 x 800 picture for so many frames. */
    async show(frames: number, places: readonly (readonly [number, number])[]) {
      for (let frame = 0; frame < frames; frame++) {
        now.at += STEP_MS;
        people = places.map(([x, y]) => ({ box: { x: x - 20, y: y - 100, w: 40, h: 100 }, score: 0.9 }));
        pipeline.offer({
          width: 800,
          height: 800,
          at: now.at,
          number: frame,
          release: () => undefined,
        } as Frame);
        await new Promise(setImmediate);
      }
    },
    zone: () => pipeline.live(false).zones[0],
  };
}

function zonesOnDisk(disk: ReturnType<typeof memoryOutbox>) {
  return openIntervalSchema.parse(JSON.parse(disk.open() ?? '')).zones['till'];
}

describe('a camera with a zone', () => {
  it('writes a capacity edge before anybody is told, and once each way', async () => {
    const disk = memoryOutbox();
    const agent = run(disk, { at: 0 });
    const two = [
      [300, 400],
      [500, 400],
    ] as const;
    for (let frame = 0; frame < 40; frame++) {
      await agent.show(1, two);
      const told = agent.zone()?.over === true;
      const written = disk.records.some((record) => record.kind === 'capacity');
      expect(written || !told).toBe(true);
    }
    expect(agent.zone()).toMatchObject({ occupancy: 2, over: true, totals: { entries: 2, exits: 0 } });
    await agent.show(60, [[300, 400]]);
    expect(agent.zone()).toMatchObject({ occupancy: 1, over: false });
    expect(disk.records.filter(({ kind }) => kind === 'capacity')).toMatchObject([
      { zone: 'till', over: true, occupancy: 2, capacity: 1 },
      { zone: 'till', over: false, occupancy: 1, capacity: 1 },
    ]);
  });

  it('has visits on the disk as soon as they are told', async () => {
    const disk = memoryOutbox();
    const agent = run(disk, { at: 0 });
    for (let frame = 0; frame < 30; frame++) {
      await agent.show(1, [[400, 400]]);
      expect(zonesOnDisk(disk)?.totals).toEqual(agent.zone()?.totals);
    }
    expect(agent.zone()?.totals).toEqual({ entries: 1, exits: 0 });
  });

  it('ends visits without a dwell when the stream breaks, and shows nobody meanwhile', async () => {
    const disk = memoryOutbox();
    const agent = run(disk, { at: 0 });
    await agent.show(30, [[400, 400]]);
    agent.pipeline.cameraIs('stalled');
    expect(agent.zone()).toMatchObject({ occupancy: 0, queue: 0, totals: { entries: 1, exits: 1 } });
    await agent.pipeline.close();
    const [record] = disk.records.filter(({ kind }) => kind === 'zone');
    expect(record).toMatchObject({ entries: 1, exits: 1, dwell: { sumMs: 0 } });
  });

  it('killed in mid-visit and started again: totals stay consistent and the alarm is not raised twice', async () => {
    const disk = memoryOutbox();
    const now = { at: 0 };
    const two = [
      [300, 400],
      [500, 400],
    ] as const;
    await run(disk, now).show(40, two);
    now.at += 5000;
    const again = run(disk, now);
    expect(again.zone()).toMatchObject({ over: true, totals: { entries: 2, exits: 2 } });
    await again.show(40, two);
    expect(again.zone()).toMatchObject({ occupancy: 2, over: true, totals: { entries: 4, exits: 2 } });
    await again.show(60, [[300, 400]]);
    expect(disk.records.flatMap((record) => (record.kind === 'capacity' ? [record.over] : []))).toEqual([
      true,
      false,
    ]);
    await again.pipeline.close();
    expect(again.zone()?.totals).toEqual({ entries: 4, exits: 4 });
  });

  it('stopped cleanly in mid-visit leaves as many exits as entries', async () => {
    const disk = memoryOutbox();
    const agent = run(disk, { at: 0 });
    await agent.show(30, [[400, 400]]);
    await agent.pipeline.close();
    expect(disk.records).toMatchObject([{ kind: 'zone', entries: 1, exits: 1, occupancy: { max: 1 } }]);
    expect(zonesOnDisk(disk)?.totals).toEqual({ entries: 1, exits: 1 });
  });
});
