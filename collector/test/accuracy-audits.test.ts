import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accuracySchema } from '../src/schema/accuracy.js';
import type { Problem } from '../src/schema/api.js';
import { importedSchema, manualAuditSchema, manualAuditsSchema } from '../src/schema/manual-audits.js';
import { auditLogSchema } from '../src/schema/security.js';
import { startCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';
import { TestPostgres } from './_util/postgres.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const LINE = { gateway: 'lobby', camera: 'door', line: 'entrance' };

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

async function setUp(databaseUrl?: string) {
  const collector = await startCollector(databaseUrl === undefined ? {} : { databaseUrl });
  const password = await collector.addGateway('lobby', { site: 'shop', timeZone: 'Asia/Ho_Chi_Minh' });
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  await gateway.sayHello();
  const cookie = await collector.logIn();
  const read = async (path: string): Promise<unknown> =>
    (await collector.get(`/api/v1/accuracy${path}`, cookie)).json();
  return {
    ...{ collector, gateway, cookie },
    line: async () => accuracySchema.parse(await read('')).lines[0],
    audits: async () => manualAuditsSchema.parse(await read('/audits?line=entrance')).audits,
    actions: async () => {
      const log = auditLogSchema.parse(await (await collector.get('/api/v1/audit-log', cookie)).json());
      return log.entries.map(({ action }) => action);
    },
    /** Ten o'clock at the site, yesterday. */
    start: Math.floor(Date.now() / DAY) * DAY - DAY + 3 * 60 * MINUTE,
  };
}

test('a live tally waits for the counts of its minutes, is compared minute by minute and proves the line', async () => {
  const { collector, gateway, cookie, line, audits, actions, start } = await setUp();
  await gateway.deliver(1, [countRecord(start - MINUTE)]);
  const minutes = 12;
  const crossings = Array.from({ length: minutes * 10 }, (_, index) => ({
    at: start + index * 6000 + 3500,
    direction: index % 2 === 0 ? 'in' : 'out',
  }));
  const tally = {
    id: randomUUID(),
    ...LINE,
    from: start,
    to: start + minutes * MINUTE,
    crossings,
    light: 'day',
  };
  const send = (changes: object = {}) =>
    collector.post('/api/v1/accuracy/tallies', { ...tally, ...changes }, { cookie });

  const first = await send();
  expect(first.status).toBe(201);
  expect(manualAuditSchema.parse(await first.json())).toMatchObject({ state: 'waiting', compared: null });
  expect((await send()).status).toBe(200);
  expect(await line()).toMatchObject({ events: 0, audits: 0, due: 'never-audited' });

  // One missed in a minute and one too many in the next: the totals agree. A minute was not observed for all of its time.
  const counts = Array.from({ length: minutes }, (_, index) =>
    countRecord(start + index * MINUTE, {
      in: index === 3 ? 4 : index === 4 ? 6 : 5,
      out: 5,
      ...(index === 7 && { observedMs: 50_000, gaps: [{ reason: 'stalled', ms: 10_000 }] }),
    }),
  );
  await gateway.deliver(2, counts.slice(0, 6));
  expect(await audits()).toMatchObject([{ state: 'waiting', compared: null, leftOut: [] }]);
  await gateway.deliver(8, counts.slice(6));
  expect(await audits()).toMatchObject([
    {
      ...{ state: 'compared', auditor: 'admin', method: 'live', truth: { in: 60, out: 60 } },
      compared: {
        ...{ minutes: 11, misses: 1, extra: 1, turned: 0 },
        ...{ person: { in: 55, out: 55 }, machine: { in: 55, out: 55 } },
      },
      leftOut: [{ reason: 'not-observed', minutes: 1 }],
      ...{ configVersion: 'test', modelHash: 'a'.repeat(64) },
    },
  ]);
  expect(await line()).toMatchObject({
    ...{ verdict: 'inconclusive', clips: 0, audits: 1, events: 110, misses: 1, extra: 1, due: 'too-few' },
    timeZone: 'Asia/Ho_Chi_Minh',
  });

  const refused = await send({ id: randomUUID() });
  expect([refused.status, ((await refused.json()) as Problem).detail]).toEqual([
    409,
    expect.stringMatching(/^from: admin audited this line from .*T10:00:00\+07:00 to .*T10:12:00\+07:00/),
  ]);
  const soon = Math.ceil(Date.now() / MINUTE) * MINUTE + 10 * MINUTE;
  for (const [changes, problem] of [
    [{ from: soon, to: soon + MINUTE, crossings: [] }, /^to: lies in the future/],
    [{ from: start + 1 }, /^from: must be a whole minute/],
    [{ to: start }, /^to: must lie after "from"/],
    [{ from: start + MINUTE }, /^crossings: each must lie between "from" and "to"/],
  ] as const) {
    const answer = await send({ id: randomUUID(), ...changes });
    expect([answer.status, ((await answer.json()) as Problem).detail]).toEqual([
      400,
      expect.stringMatching(problem),
    ]);
  }
  const nowhere = await send({ id: randomUUID(), line: 'exit' });
  expect([nowhere.status, ((await nowhere.json()) as Problem).detail]).toEqual([
    404,
    'line: gateway "lobby" has no camera "door" with a line "exit"',
  ]);
  const next = { id: randomUUID(), from: start + minutes * MINUTE, to: start + (minutes + 60) * MINUTE };
  const many = Array.from({ length: 600 }, (_, index) => ({
    at: next.from + index * 6000 + 3500,
    direction: 'in',
  }));
  expect((await send({ ...next, crossings: many, light: 'night' })).status).toBe(201);
  await gateway.deliver(
    14,
    Array.from({ length: 60 }, (_, index) => countRecord(next.from + index * MINUTE, { in: 10 })),
  );
  expect(await line()).toMatchObject({
    ...{ verdict: 'pass', audits: 2, events: 710, due: null },
    worst: { kind: 'light', name: 'day', events: 110, misses: 1, extra: 1 },
  });
  expect((await actions()).filter((action) => action === 'accuracy.tally')).toHaveLength(2);
});

test('imported counts are stored all or none, once, and only where every minute was counted', async () => {
  const { collector, gateway, cookie, line, audits, actions, start } = await setUp(await postgres.database());
  const quarter = 15 * MINUTE;
  const records = Array.from({ length: 60 }, (_, index) =>
    countRecord(start + index * MINUTE, {
      in: 2,
      ...(index === 50 && { observedMs: 0, gaps: [{ reason: 'stalled', ms: MINUTE }] }),
    }),
  );
  await gateway.deliver(1, records);
  const iso = (at: number) => new Date(at + 7 * 60 * MINUTE).toISOString().slice(0, 16) + '+07:00';
  const row = (index: number, counted: string) =>
    `${iso(start + index * quarter)},${iso(start + (index + 1) * quarter)},${counted}`;
  const send = (rows: readonly string[], query = 'gateway=lobby&camera=door&line=entrance') =>
    fetch(`${collector.httpUrl}/api/v1/accuracy/imports?${query}`, {
      method: 'POST',
      body: ['from,to,in,out,light', ...rows].join('\n'),
      headers: { cookie, 'content-type': 'text/csv' },
    });
  const problems = async (rows: readonly string[]) => {
    const answer = await send(rows);
    expect(answer.status).toBe(400);
    return ((await answer.json()) as Problem).errors?.map(({ path, message }) => `${path}: ${message}`);
  };

  expect(await problems([row(0, 'x,0,'), row(1, '30,0,foggy')])).toEqual([
    'row 2, in: is not a whole number of people, 0 or more',
    'row 3, light: is none of day, dusk, night, artificial; leave it empty where you do not know',
  ]);
  expect(await problems([row(0, '30,0,'), row(3, '30,0,'), row(4, '30,0,')])).toEqual([
    'row 3, from: the line was not observed for all of this time; leave that time out',
    'row 4, from: the collector has no counts for all of this time; import the row when they have arrived',
  ]);
  expect(await audits()).toEqual([]);

  const rows = [row(0, '30,0,day'), row(1, '28,1,')];
  const stored = await send(rows);
  expect([stored.status, importedSchema.parse(await stored.json())]).toEqual([
    200,
    { stored: 2, unchanged: 0 },
  ]);
  expect(importedSchema.parse(await (await send([...rows, row(2, '30,0,')])).json())).toEqual({
    ...{ stored: 1, unchanged: 2 },
  });
  expect(await line()).toMatchObject({
    audits: 3,
    events: 89,
    misses: 0,
    extra: 1,
    turned: 1,
    verdict: 'inconclusive',
  });
  expect(await problems([row(1, '27,1,')])).toEqual([
    expect.stringMatching(
      /^row 2, from: admin audited this line from .*T10:15:00\+07:00 to .*T10:30:00\+07:00 \(import, in 28, out 1\); leave the row out/,
    ),
  ]);

  const wrong = (await audits()).find(({ truth }) => truth.in === 28);
  expect(wrong).toMatchObject({ state: 'compared', compared: { minutes: 15, machine: { in: 30, out: 0 } } });
  const removed = await fetch(`${collector.httpUrl}/api/v1/accuracy/audits/${wrong?.id ?? ''}`, {
    ...{ method: 'DELETE', headers: { cookie } },
  });
  expect(removed.status).toBe(204);
  expect((await send([row(1, '30,0,')])).status).toBe(200);
  expect(await line()).toMatchObject({ audits: 3, events: 90, accuracy: 1, verdict: 'pass', due: null });
  expect((await send(rows, 'gateway=lobby&camera=door&line=exit')).status).toBe(404);
  expect((await actions()).filter((action) => action.startsWith('accuracy.'))).toEqual([
    ...['accuracy.import', 'accuracy.remove', 'accuracy.import', 'accuracy.import'],
  ]);
});
