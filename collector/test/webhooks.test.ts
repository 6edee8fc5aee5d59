import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { recordsMessageSchema } from '@headcount/shared';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { purgeLateQuarters } from '../src/counts/late-quarters.js';
import { storeBatch } from '../src/ingest/batch.js';
import { madeWebhookSchema, webhooksSchema } from '../src/schema/webhooks.js';
import { Vault } from '../src/security/vault.js';
import { addWebhook, pushDue } from '../src/webhooks/webhooks.js';
import { startCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';
import { TestPostgres } from './_util/postgres.js';

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const DAY = 96 * QUARTER;
const EPOCH = '0b1f7f0e-6a57-4a0c-9d43-2d7a8c1e5f10';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

interface Push {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly corrected: boolean;
  readonly buckets: { start: number; in: number; line: string }[];
}

/** A receiver that checks every signature, and answers what it is told to. */
async function startReceiver() {
  const receiver = { url: '', secret: '', answer: 200, pushes: [] as Push[], unexpected: [] as string[] };
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const [, seconds = '', given] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers['headcount-signature'])) ?? [];
      const right = createHmac('sha256', receiver.secret).update(`${seconds}.${body}`).digest('hex');
      if (given !== right || request.method !== 'POST')
        receiver.unexpected.push(`${request.method ?? ''} ${body}`);
      receiver.pushes.push(JSON.parse(body) as Push);
      response.writeHead(receiver.answer).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/counts`;
  onTestFinished(() => {
    server.close();
    expect(receiver.unexpected).toEqual([]);
  });
  return receiver;
}

test('every quarter is pushed once and signed, in order, also after the receiver was away', async () => {
  const collector = await startCollector();
  const receiver = await startReceiver();
  const cookie = await collector.logIn();
  const password = await collector.addGateway('lobby', { site: 'shop' });
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  await gateway.sayHello();
  const answer = await collector.post('/api/v1/webhooks', { url: receiver.url, site: 'shop' }, { cookie });
  expect(answer.status).toBe(201);
  const { id, secret } = madeWebhookSchema.parse(await answer.json());
  receiver.secret = secret;
  const start = Math.floor(Date.now() / QUARTER) * QUARTER;
  await gateway.deliver(1, [
    countRecord(start, { in: 3, totals: { in: 3, out: 0 } }),
    countRecord(start + QUARTER, { in: 4, totals: { in: 7, out: 0 } }),
  ]);
  const vault = Vault.open(collector.config.dataDir);
  const tick = (now: number) => collector.withStore((store) => pushDue(store, vault, now));
  const state = async () => {
    const { webhooks } = webhooksSchema.parse(await (await collector.get('/api/v1/webhooks', cookie)).json());
    return webhooks[0];
  };
  // The quarter goes on, and then its last minutes may still come.
  expect(await tick(start + QUARTER)).toBe(0);
  receiver.answer = 503;
  const due = start + QUARTER + 2 * MINUTE;
  expect(await tick(due)).toBe(0);
  expect(await state()).toMatchObject({
    id,
    attempts: 1,
    problem: 'the receiver answers 503',
    nextAt: start,
  });
  // Not before the wait is over.
  expect(await tick(due + 10_000)).toBe(0);
  expect(receiver.pushes).toHaveLength(1);
  receiver.answer = 200;
  expect(await tick(due + QUARTER)).toBe(1);
  const [failed, taken] = receiver.pushes;
  expect(taken?.id).toBe(failed?.id);
  expect(taken).toMatchObject({
    ...{ from: start, to: start + 2 * QUARTER, corrected: false },
    buckets: [
      { start, in: 3, line: 'entrance' },
      { start: start + QUARTER, in: 4, line: 'entrance' },
    ],
  });
  expect(await state()).toMatchObject({ attempts: 0, problem: null, nextAt: start + 2 * QUARTER });
  expect(await tick(due + QUARTER)).toBe(0);
  expect(receiver.pushes).toHaveLength(2);
  const rows = await collector.withStore((store) => store.selectFrom('webhook').selectAll().execute());
  expect(JSON.stringify(rows)).not.toContain(secret);
});

test.each(['SQLite', 'PostgreSQL'] as const)(
  'quarters that late counts change are pushed again, each once, with what is known now (%s)',
  async (kind) => {
    const databaseUrl = kind === 'SQLite' ? {} : { databaseUrl: await postgres.database() };
    const collector = await startCollector(databaseUrl);
    const receiver = await startReceiver();
    for (const name of ['lobby', 'gate']) await collector.addGateway(name, { site: 'shop' });
    await collector.addGateway('far', { site: 'hq' });
    const start = Math.floor(Date.now() / QUARTER) * QUARTER;
    const vault = Vault.open(collector.config.dataDir);
    await collector.withStore(async (store) => {
      const tick = (now: number) => pushDue(store, vault, now);
      let seq = 0;
      const arrive = (gateway: string, quarter: number, now: number) => {
        seq += 1;
        const record = countRecord(start + quarter * QUARTER + seq * MINUTE, { in: 1, line: gateway });
        const message = {
          v: 1,
          epoch: EPOCH,
          firstSeq: seq,
          sentAt: now,
          historical: true,
          records: [record],
        };
        return storeBatch(store, { gateway, topic: 'x', message: recordsMessageSchema.parse(message) }, now);
      };
      const wanted = { url: receiver.url, site: 'shop', createdBy: 'admin' };
      receiver.secret = (await addWebhook(store, vault, wanted, start + 1)).secret;
      // The last minute of a quarter is no late one.
      await arrive('lobby', 0, start + QUARTER + MINUTE);
      let now = start + 3 * QUARTER + 2 * MINUTE;
      expect(await tick(now)).toBe(1);
      expect(await tick((now += MINUTE))).toBe(0);
      // Two gateways are back with three quarters; one of another site has nothing to do with it.
      for (const [gateway, quarter] of [
        ...[['lobby', 0] as const, ['gate', 0] as const, ['gate', 1] as const],
        ...[['lobby', 1] as const, ['far', 2] as const],
        // Before the receiver was named: it has never been sent.
        ['lobby', -1] as const,
      ])
        await arrive(gateway, quarter, now);
      expect(await tick(now + MINUTE)).toBe(0);
      receiver.answer = 500;
      expect(await tick((now += 3 * MINUTE))).toBe(0);
      expect(await tick(now)).toBe(0);
      receiver.answer = 200;
      expect(await tick((now += MINUTE))).toBe(1);
      const [whole, failed, corrected] = receiver.pushes;
      expect(whole).toMatchObject({ from: start, to: start + 3 * QUARTER, corrected: false });
      expect(corrected).toEqual(failed);
      expect(corrected).toMatchObject({ from: start, to: start + 2 * QUARTER, corrected: true });
      const sums = corrected?.buckets.filter((one) => one.in > 0).map((one) => [one.start, one.line, one.in]);
      expect(sums?.sort()).toEqual(
        [
          ...[
            [start, 'gate', 1],
            [start, 'lobby', 2],
          ],
          ...[
            [start + QUARTER, 'gate', 1],
            [start + QUARTER, 'lobby', 1],
          ],
        ].sort(),
      );
      for (let minute = 0; minute < 5; minute++) expect(await tick((now += MINUTE))).toBe(0);
      // A quarter that changes again while nothing else waits goes out again, alone.
      await arrive('gate', 1, now);
      expect(await tick((now += 2 * MINUTE))).toBe(1);
      expect(receiver.pushes[3]).toMatchObject({
        from: start + QUARTER,
        to: start + 2 * QUARTER,
        corrected: true,
      });
      expect(receiver.pushes[3]?.id).not.toBe(corrected?.id);
      expect(await purgeLateQuarters(store, now + 29 * DAY)).toBe(0);
      expect(await purgeLateQuarters(store, now + 31 * DAY)).toBeGreaterThan(0);
    });
  },
);

test('a push holds every row, however many there are', async () => {
  const collector = await startCollector();
  const receiver = await startReceiver();
  const cookie = await collector.logIn();
  const answer = await collector.post('/api/v1/webhooks', { url: receiver.url }, { cookie });
  receiver.secret = madeWebhookSchema.parse(await answer.json()).secret;
  const start = Math.floor(Date.now() / QUARTER) * QUARTER;
  const lines = 11_000;
  await collector.addGateway('lobby');
  await collector.withStore(async (store) => {
    for (let first = 0; first < lines; first += 1000) {
      const rows = Array.from({ length: 1000 }, (_, index) => `line-${first + index}`);
      await store
        .insertInto('line')
        .values(
          rows.map((id) => ({ gateway: 'lobby', camera: 'door', id, name: id, present: 1, first_at: start })),
        )
        .execute();
    }
    const vault = Vault.open(collector.config.dataDir);
    expect(await pushDue(store, vault, start + 5 * QUARTER + 2 * MINUTE)).toBe(1);
  });
  expect(receiver.pushes[0]?.buckets).toHaveLength(5 * lines);
});

test('only an administrator adds a receiver, and only one that is reached over TLS', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  for (const url of [
    'http://example.com/x',
    'ftp://example.com',
    'nonsense',
    'http://127.0.0.1.evil.example/',
  ]) {
    const response = await collector.post('/api/v1/webhooks', { url }, { cookie });
    expect([url, response.status]).toEqual([url, 400]);
  }
  const nowhere = await collector.post(
    '/api/v1/webhooks',
    { url: 'https://a.example/', site: 'mars' },
    { cookie },
  );
  expect(nowhere.status).toBe(404);
  expect((await collector.post('/api/v1/webhooks', { url: 'https://a.example/' })).status).toBe(401);
});
