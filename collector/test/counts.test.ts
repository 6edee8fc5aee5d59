import { expect, test } from 'vitest';
import { camerasSchema } from '../src/schema/api.js';
import { countsSchema, type Bucket } from '../src/schema/counts.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const utc = (text: string) => Date.parse(`${text}Z`);

async function withGateway(timeZone: string) {
  const collector = await startCollector();
  const password = await collector.addGateway('lobby', { site: 'shop', timeZone });
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  const cookie = await collector.logIn();
  return { collector, gateway, cookie };
}

type Query = Record<string, string | number>;

async function counts(collector: TestCollector, cookie: string, query: Query): Promise<Bucket[]> {
  const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
  const response = await collector.get(`/api/v1/counts?${search.toString()}`, cookie);
  expect(response.status).toBe(200);
  return countsSchema.parse(await response.json()).buckets;
}

test('minutes: what was counted, what was seen only in part, and what never arrived are three things', async () => {
  const { collector, gateway, cookie } = await withGateway('UTC');
  const start = utc('2026-03-02T10:00');
  await gateway.sayHello();
  await gateway.deliver(1, [
    countRecord(start, { in: 3, out: 1, totals: { in: 3, out: 1 } }),
    countRecord(start + 2 * MINUTE, {
      in: 1,
      totals: { in: 4, out: 1 },
      observedMs: 45_000,
      gaps: [
        { reason: 'stalled', ms: 10_000 },
        { reason: 'connecting', ms: 5000 },
      ],
    }),
  ]);
  const buckets = await counts(collector, cookie, { from: start, to: start + 4 * MINUTE, bucket: 'minute' });
  const at = (minute: number) => ({
    gateway: 'lobby',
    camera: 'door',
    line: 'entrance',
    start: start + minute * MINUTE,
    end: start + (minute + 1) * MINUTE,
    expectedMs: MINUTE,
    suspect: [],
    spread: false,
  });
  const missing = {
    in: 0,
    out: 0,
    observedMs: 0,
    completeness: 0,
    gaps: [{ reason: 'not-received', ms: MINUTE }],
  };
  expect(buckets).toMatchObject([
    { ...at(0), in: 3, out: 1, observedMs: MINUTE, completeness: 1, gaps: [] },
    { ...at(1), ...missing },
    {
      ...at(2),
      in: 1,
      out: 0,
      observedMs: 45_000,
      completeness: 0.75,
      gaps: [
        { reason: 'stalled', ms: 10_000 },
        { reason: 'connecting', ms: 5000 },
      ],
    },
    { ...at(3), ...missing },
  ]);
});

test('an hour that an offline gateway merged is one number by the hour, and spread evenly by the minute', async () => {
  const { collector, gateway, cookie } = await withGateway('Asia/Kathmandu');
  const start = utc('2026-03-02T10:00');
  await gateway.sayHello();
  await gateway.deliver(1, [
    countRecord(start - MINUTE, { in: 1, totals: { in: 1, out: 0 } }),
    countRecord(start, {
      lengthMs: HOUR,
      observedMs: 50 * MINUTE,
      gaps: [{ reason: 'backoff', ms: 10 * MINUTE }],
      ...{ in: 90, out: 7, totals: { in: 91, out: 7 }, suspect: ['moved'] },
    }),
    countRecord(start + HOUR, { in: 1, totals: { in: 92, out: 7 } }),
  ]);
  const minutes = await counts(collector, cookie, {
    from: start - MINUTE,
    to: start + HOUR + MINUTE,
    bucket: 'minute',
  });
  expect(minutes).toHaveLength(62);
  const within = minutes.slice(1, -1);
  const sum = (pick: (bucket: Bucket) => number) => within.reduce((total, one) => total + pick(one), 0);
  expect([sum((one) => one.in), sum((one) => one.out)]).toEqual([90, 7]);
  for (const one of within) {
    expect([1, 2]).toContain(one.in);
    expect(one).toMatchObject({
      ...{ observedMs: 50_000, expectedMs: MINUTE, spread: true, suspect: ['moved'] },
      gaps: [{ reason: 'backoff', ms: 10_000 }],
    });
  }
  expect([minutes[0], minutes[61]]).toMatchObject([
    { in: 1, spread: false },
    { in: 1, spread: false },
  ]);
  // Nepal is 5:45 ahead: hours there begin a quarter past those of UTC.
  const hours = await counts(collector, cookie, {
    from: start - HOUR,
    to: start + 2 * HOUR,
    bucket: 'hour',
  });
  expect(hours.reduce((total, one) => total + one.in, 0)).toBe(92);
});

test('hours sum their minutes, and every millisecond of them is observed or explained', async () => {
  const { collector, gateway, cookie } = await withGateway('UTC');
  const start = utc('2026-03-02T10:00');
  const records = Array.from({ length: 90 }, (_, index) =>
    index % 3 === 0
      ? countRecord(start + index * MINUTE, {
          observedMs: 0,
          occupancy: null,
          gaps: [{ reason: 'backoff', ms: MINUTE }],
        })
      : countRecord(start + index * MINUTE, { in: 1, out: 2 }),
  );
  await gateway.sayHello();
  await gateway.deliver(1, records);
  const buckets = await counts(collector, cookie, { from: start, to: start + 2 * HOUR, bucket: 'hour' });
  expect(buckets).toMatchObject([
    {
      in: 40,
      out: 80,
      observedMs: 40 * MINUTE,
      expectedMs: HOUR,
      gaps: [{ reason: 'backoff', ms: 20 * MINUTE }],
    },
    {
      in: 20,
      out: 40,
      observedMs: 20 * MINUTE,
      expectedMs: HOUR,
      gaps: [
        { reason: 'backoff', ms: 10 * MINUTE },
        { reason: 'not-received', ms: 30 * MINUTE },
      ],
    },
  ]);
});

test.each([
  ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00', 23],
  ['Europe/Berlin', '2025-10-26', '2025-10-25T22:00', 25],
  ['America/New_York', '2026-03-08', '2026-03-08T05:00', 23],
  ['America/Havana', '2026-03-08', '2026-03-08T05:00', 23],
  ['Asia/Ho_Chi_Minh', '2026-03-29', '2026-03-28T17:00', 24],
  ['Asia/Kolkata', '2026-03-29', '2026-03-28T18:30', 24],
])(
  'the site day %s %s begins at %sZ, has %i hours, and holds exactly its own minutes',
  async (zone, _day, begin, hours) => {
    const { collector, gateway, cookie } = await withGateway(zone);
    const start = utc(begin);
    const end = start + hours * HOUR;
    await gateway.deliver(1, [
      countRecord(start - MINUTE, { in: 100 }),
      countRecord(start, { in: 1 }),
      countRecord(end - MINUTE, { in: 2 }),
      countRecord(end, { in: 200 }),
    ]);
    await gateway.sayHello();
    const noon = start + 12 * HOUR;
    const [day] = await counts(collector, cookie, { from: noon, to: noon + 1, bucket: 'day' });
    expect(day).toMatchObject({ start, end, in: 3, expectedMs: hours * HOUR, observedMs: 2 * MINUTE });
    const byHour = await counts(collector, cookie, { from: start, to: end, bucket: 'hour' });
    expect(byHour).toHaveLength(hours);
    expect(byHour.map((hour) => hour.in)).toEqual([1, ...Array<number>(hours - 2).fill(0), 2]);
  },
);

test('nothing is expected of time that has not passed, nor of time before the line existed', async () => {
  const { collector, gateway, cookie } = await withGateway('UTC');
  const now = Date.now();
  await gateway.sayHello({ at: now });
  await gateway.deliver(1, [{ kind: 'event', at: now, event: 'boot', detail: '' }]);
  const from = now - 2 * HOUR;
  const buckets = await counts(collector, cookie, { from, to: now + 2 * HOUR, bucket: 'hour' });
  expect(buckets.length).toBeGreaterThanOrEqual(4);
  for (const bucket of buckets) {
    expect(bucket.expectedMs).toBeLessThanOrEqual(MINUTE);
    if (bucket.expectedMs === 0) expect(bucket).toMatchObject({ completeness: null, gaps: [] });
  }
});

test('a gateway whose clock is ahead never makes more observed than expected', async () => {
  const { collector, gateway, cookie } = await withGateway('UTC');
  const start = Math.ceil(Date.now() / HOUR) * HOUR + HOUR;
  await gateway.sayHello();
  await gateway.deliver(1, [countRecord(start, { in: 1 })]);
  const [bucket] = await counts(collector, cookie, { from: start, to: start + HOUR, bucket: 'hour' });
  expect(bucket).toMatchObject({ in: 1, observedMs: MINUTE, expectedMs: MINUTE, completeness: 1, gaps: [] });
});

test('a line that was taken away keeps its counts and is expected no longer', async () => {
  const { collector, gateway, cookie } = await withGateway('UTC');
  const start = utc('2026-03-02T10:00');
  await gateway.deliver(1, [countRecord(start, { in: 5 })]);
  await gateway.sayHello({ cameras: [] });
  await gateway.deliver(2, [{ kind: 'event', at: start, event: 'config', detail: '' }]);
  const within = await counts(collector, cookie, { from: start, to: start + 2 * HOUR, bucket: 'hour' });
  expect(within).toMatchObject([
    { in: 5, expectedMs: MINUTE, completeness: 1, gaps: [] },
    { in: 0, expectedMs: 0, completeness: null, gaps: [] },
  ]);
  expect(
    await counts(collector, cookie, { from: start + 24 * HOUR, to: start + 25 * HOUR, bucket: 'hour' }),
  ).toEqual([]);
});

test('the filters pick gateway, camera and line', async () => {
  const { collector, gateway, cookie } = await withGateway('UTC');
  const start = utc('2026-03-02T10:00');
  await gateway.deliver(1, [
    countRecord(start, { in: 1 }),
    countRecord(start, { line: 'exit', in: 2 }),
    countRecord(start, { camera: 'yard', in: 4 }),
  ]);
  const sum = async (query: Query) => {
    const buckets = await counts(collector, cookie, {
      from: start,
      to: start + MINUTE,
      bucket: 'minute',
      ...query,
    });
    return buckets.reduce((total, bucket) => total + bucket.in, 0);
  };
  expect(await sum({})).toBe(7);
  expect(await sum({ camera: 'door' })).toBe(3);
  expect(await sum({ line: 'entrance' })).toBe(5);
  expect(await sum({ gateway: 'lobby', camera: 'yard', line: 'entrance' })).toBe(4);
  expect(await sum({ gateway: 'elsewhere' })).toBe(0);
});

test.each([
  ['minute', 3 * 24],
  ['hour', 63 * 24],
  ['day', 401 * 24],
])('a range by %s that is too long is a problem that says how long it may be', async (bucket, hours) => {
  const { collector, cookie } = await withGateway('UTC');
  const from = utc('2026-01-01T00:00');
  const response = await collector.get(
    `/api/v1/counts?from=${from}&to=${from + hours * HOUR}&bucket=${bucket}`,
    cookie,
  );
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    detail: expect.stringMatching(/may span \d+ days/) as string,
  });
});

test('a range that ends before it begins is a problem', async () => {
  const { collector, cookie } = await withGateway('UTC');
  const response = await collector.get('/api/v1/counts?from=1000&to=1000', cookie);
  expect(await response.json()).toMatchObject({ status: 400, detail: '"to" must lie after "from"' });
});

test('the counts of today on a camera agree with the counts of the day', async () => {
  const { collector, gateway, cookie } = await withGateway('Asia/Kolkata');
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  const offset = 5.5 * HOUR;
  const from = Math.floor((now + offset) / (24 * HOUR)) * 24 * HOUR - offset;
  await gateway.sayHello();
  await gateway.deliver(1, [
    countRecord(from - MINUTE, { in: 50 }),
    countRecord(from, { in: 2, out: 1, observedMs: 30_000, gaps: [{ reason: 'starting', ms: 30_000 }] }),
  ]);
  const { cameras } = camerasSchema.parse(await (await collector.get('/api/v1/cameras', cookie)).json());
  expect(cameras).toMatchObject([
    {
      id: 'door',
      timeZone: 'Asia/Kolkata',
      today: { from, lines: [{ id: 'entrance', in: 2, out: 1, observedMs: 30_000 }] },
    },
  ]);
  const [day] = await counts(collector, cookie, { from: now, to: now + 1, bucket: 'day' });
  const [line] = cameras[0]?.today.lines ?? [];
  expect(day).toMatchObject({ in: line?.in, observedMs: line?.observedMs, expectedMs: line?.expectedMs });
});
