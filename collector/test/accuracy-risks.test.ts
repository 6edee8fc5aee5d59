import type { CountRecord } from '@headcount/shared';
import { expect, test } from 'vitest';
import { bucketAt, daysBefore } from '../src/counts/zone.js';
import { changeSite } from '../src/fleet/sites.js';
import { accuracySchema, risksSchema } from '../src/schema/accuracy.js';
import { startCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';

const HOUR = 3_600_000;
const ZONE = 'Asia/Ho_Chi_Minh';
const DAYS = 30;
const BATCH = 200;

const line = (id: string, entrance: boolean) => ({
  ...{ id, name: id, from: [0, 0.5] as [number, number], via: [], to: [1, 0.5] as [number, number] },
  ...{ directions: { in: 'in', out: 'out' }, entrance },
});

/** A line's hours from so many days ago until now: a hundred people at ten in the morning, and as many out again. */
function hours(id: string, now: number, strange: (start: number, hour: number) => Partial<CountRecord>) {
  const today = bucketAt(ZONE, 'day', now).start;
  const first = daysBefore(ZONE, today, DAYS);
  return Array.from({ length: Math.floor((now - first) / HOUR) }, (_, index) => {
    const start = first + index * HOUR;
    const hour = index % 24;
    const usual = hour === 10 ? { in: 100, out: 100 } : {};
    return countRecord(start, {
      ...{ line: id, lengthMs: HOUR, observedMs: HOUR, ...usual },
      ...(start >= daysBefore(ZONE, today, 1) && start < today && strange(start, hour)),
    });
  });
}

test('signs of a wrong count are found on complete days and make a line due until somebody has counted again', async () => {
  const collector = await startCollector();
  const password = await collector.addGateway('lobby', { site: 'shop', timeZone: ZONE });
  await collector.withStore((store) => changeSite(store, 'shop', { closingTime: '00:00' }));
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  await gateway.sayHello({
    cameras: [{ id: 'door', name: 'Door', zones: [], lines: [line('entrance', true), line('yard', false)] }],
  });
  const cookie = await collector.logIn();
  const risks = async () =>
    risksSchema.parse(await (await collector.get('/api/v1/accuracy/risks', cookie)).json()).risks;
  const due = async () => {
    const answer = accuracySchema.parse(await (await collector.get('/api/v1/accuracy', cookie)).json());
    return Object.fromEntries(answer.lines.map((one) => [one.line, one.due]));
  };
  const now = Date.now();
  let seq = 1;
  const deliver = async (records: readonly unknown[]) => {
    for (let index = 0; index < records.length; index += BATCH) {
      const batch = records.slice(index, index + BATCH);
      await gateway.deliver(seq, batch);
      seq += batch.length;
    }
  };
  const crowd = (hour: number): Partial<CountRecord> =>
    hour === 10 ? { in: 300, out: 200, stitched: 250 } : hour < 10 ? { suspect: ['covered', 'black'] } : {};
  await deliver(hours('entrance', now, (_start, hour) => crowd(hour)));
  // The same at a line that was blind for two hours: its day says nothing.
  const blind = { observedMs: 0, gaps: [{ reason: 'stalled' as const, ms: HOUR }] };
  await deliver(hours('yard', now, (_start, hour) => (hour > 21 ? blind : crowd(hour))));

  const yesterday = daysBefore(ZONE, bucketAt(ZONE, 'day', now).start, 1);
  const found = await risks();
  const place = { site: 'shop', timeZone: ZONE, gateway: 'lobby', camera: 'door', line: 'entrance' };
  expect(found).toEqual([
    {
      ...{ ...place, gateway: null, camera: null, line: null, kind: 'occupancy-left' },
      ...{ value: 1 / 3, expected: null, threshold: 0.15, basis: 300, since: yesterday },
      sentence: expect.stringContaining('shop: by closing, 33.3 % of 300 people went in and never') as string,
    },
    {
      ...{ ...place, kind: 'stitched', value: 250 / 1700, expected: null, since: yesterday, basis: 1700 },
      threshold: expect.closeTo(0.1) as number,
      sentence: expect.stringContaining(
        'lobby/door/entrance: 14.7 % of 1700 crossings rest on two',
      ) as string,
    },
    {
      ...{ ...place, kind: 'suspect', value: 10 / (7 * 24), expected: null, since: yesterday },
      threshold: expect.closeTo(0.05) as number,
      basis: 7 * 24 * 60,
      sentence: expect.stringContaining('6 % of the time was counted from a bad picture') as string,
    },
    {
      ...{ ...place, kind: 'weekday-change', value: 500, expected: 200, since: yesterday, basis: 4 },
      threshold: expect.closeTo(60) as number,
      sentence: expect.stringContaining('500 crossings on 20') as string,
    },
  ]);
  expect(await due()).toEqual({ entrance: 'never-audited', yard: 'never-audited' });
  const clips = (from: number, id: string) =>
    Array.from({ length: 20 }, (_, index) => clip(from + index * 10_000, id));
  await deliver([...clips(yesterday - 5 * HOUR, 'entrance'), ...clips(yesterday - 5 * HOUR, 'yard')]);
  expect(await due()).toEqual({ entrance: 'risk', yard: null });
  await deliver(clips(yesterday + HOUR, 'entrance'));
  expect(await due()).toEqual({ entrance: null, yard: null });
});

function clip(at: number, id: string) {
  return {
    kind: 'audit',
    result: {
      ...{ gateway: 'lobby', camera: 'door', line: id, from: at, to: at + 6000, sha256: 'b'.repeat(64) },
      ...{ stratum: 'crossing', kept: 1, of: 1, person: { in: 5, out: 0 }, machine: { in: 5, out: 0 } },
      ...{ answeredAt: at + 60_000, configVersion: 'test', modelHash: 'a'.repeat(64) },
    },
    signature: 's',
    publicKey: 'p',
  };
}
