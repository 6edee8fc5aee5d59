import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../scripts/lib/free-port.js';
import { storePlace } from '../src/config/config.js';
import { makeToken } from '../src/security/tokens.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';
import { until } from './_util/until.js';

const MINUTE = 60_000;

async function metricsToken(collector: TestCollector): Promise<string> {
  const wanted = { name: 'prometheus', scopes: ['metrics:read'], days: 1, createdBy: 'test' } as const;
  const { token } = await collector.withStore((store) => makeToken(store, wanted, Date.now()));
  return token;
}

async function scrape(collector: TestCollector, token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${collector.httpUrl}/metrics`, { headers });
  expect(response.status).toBe(200);
  return response.text();
}

/** The value of a metric with exactly these labels, as it stands in the text. */
const valueOf = (text: string, series: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')[1],
  );

test('metrics say what happened, and Prometheus finds nothing wrong with them', async () => {
  const collector = await startCollector();
  collector.logs.expectError(/dead letter|counts missing/);
  const token = await metricsToken(collector);
  const password = await collector.addGateway('lobby');
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  await gateway.sayHello();
  const start = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE;
  const records = [
    countRecord(start, { in: 1, totals: { in: 1, out: 0 } }),
    { kind: 'rumour' },
    countRecord(start + 2 * MINUTE, { in: 1, totals: { in: 5, out: 0 } }),
  ];
  await gateway.deliver(1, records);
  await gateway.deliver(1, records);
  await collector.get('/api/v1/counts?from=1&to=1', await collector.logIn());
  const text = await scrape(collector, token);
  expect(valueOf(text, 'headcount_ingest_records_total{kind="count"}')).toBe(2);
  expect(valueOf(text, 'headcount_ingest_batches_total{result="stored"}')).toBe(1);
  expect(valueOf(text, 'headcount_ingest_batches_total{result="known"}')).toBe(1);
  expect(valueOf(text, 'headcount_ingest_dead_letters_total')).toBe(1);
  expect(valueOf(text, 'headcount_ingest_missing_counts_total')).toBe(3);
  expect(valueOf(text, 'headcount_gateways{status="online"}')).toBe(1);
  expect(valueOf(text, 'headcount_broker_connections')).toBe(1);
  // The probe has gone round through the broker.
  expect(valueOf(text, 'headcount_broker_probe_round_trip_seconds')).toBeGreaterThan(0);
  expect(valueOf(text, 'headcount_broker_probes_lost_total')).toBe(0);
  const asked = 'method="GET",route="/api/v1/counts",status="4xx"';
  expect(valueOf(text, `headcount_http_request_duration_seconds_count{${asked}}`)).toBe(1);
  expect(valueOf(text, 'headcount_db_query_duration_seconds_count{kind="insert"}')).toBeGreaterThan(2);
  const sizes = ['headcount_db_size_bytes', 'headcount_db_wal_size_bytes'].map((name) => valueOf(text, name));
  expect((sizes[0] ?? 0) + (sizes[1] ?? 0)).toBeGreaterThan(10_000);
  expect(valueOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
  execFileSync('promtool', ['check', 'metrics'], { input: text });
});

test('the rules that come with it are sound, fire as they say, and ask for metrics that exist', async () => {
  const folder = fileURLToPath(new URL('../../deploy/prometheus', import.meta.url));
  execFileSync('promtool', ['check', 'rules', 'rules.yml'], { cwd: folder });
  execFileSync('promtool', ['test', 'rules', 'rules.test.yml'], { cwd: folder });
  const collector = await startCollector();
  const text = await scrape(collector, await metricsToken(collector));
  const rules = readFileSync(join(folder, 'rules.yml'), 'utf8');
  const asked = new Set([...rules.matchAll(/headcount_[a-z_]+/g)].map(([name]) => name));
  expect(asked.size).toBeGreaterThan(5);
  for (const name of asked) expect(text).toContain(`# TYPE ${name.replace(/_(count|sum|bucket)$/, '')} `);
});

test('a real Prometheus reads them with a token, and nobody without one', async () => {
  const collector = await startCollector();
  expect((await collector.get('/metrics')).status).toBe(401);
  const folder = mkdtempSync(join(tmpdir(), 'headcount-prometheus-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'token'), await metricsToken(collector));
  const target = new URL(collector.httpUrl).host;
  const config = `scrape_configs:
  - job_name: headcount-collector
    scrape_interval: 1s
    authorization: { credentials_file: ${join(folder, 'token')} }
    static_configs: [{ targets: ['${target}'] }]
`;
  writeFileSync(join(folder, 'prometheus.yml'), config);
  const port = await freePort();
  const flags = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
  ];
  const server = spawn('prometheus', [...flags, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
  });
  onTestFinished(async () => {
    server.kill();
    await once(server, 'exit');
  });
  const value = await until(
    async () => {
      const query = encodeURIComponent('headcount_build_info * on(instance) group_left() up');
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${query}`).catch(
        () => undefined,
      );
      if (answer?.ok !== true) return undefined;
      const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
      return data.result[0]?.value[1];
    },
    'the first sample',
    30_000,
  );
  expect(value).toBe('1');
});

test('every answer has an id that the log knows, and the log tells neither queries nor secrets', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  const token = await metricsToken(collector);
  const headers = { cookie, 'x-request-id': 'from-the-proxy.1', authorization: `Bearer ${token}` };
  const given = await fetch(`${collector.httpUrl}/readyz?why=s3cret`, { headers });
  expect(given.headers.get('x-request-id')).toBe('from-the-proxy.1');
  const insane = await fetch(`${collector.httpUrl}/api/v1/cameras`, {
    headers: { cookie, 'x-request-id': 'a b' },
  });
  const made = insane.headers.get('x-request-id') ?? '';
  expect(made).toMatch(/^[0-9a-f-]{36}$/);
  const line = await until(
    () => collector.logs.matching(/^request$/).find((one) => JSON.stringify(one).includes(made)),
    'the line',
  );
  expect(line).toMatchObject({
    http: { request: { id: made, method: 'GET' }, response: { status_code: 200 } },
    url: { path: '/api/v1/cameras' },
    user: { name: 'admin' },
    event: { duration_ms: expect.any(Number) as number },
  });
  const levelOf = (path: string) =>
    collector.logs.matching(/^request$/).find((one) => JSON.stringify(one).includes(`"path":"${path}"`))
      ?.level;
  expect([levelOf('/api/v1/session'), levelOf('/readyz')]).toEqual(['info', 'debug']);
  const all = JSON.stringify(collector.logs.lines);
  for (const secret of ['s3cret', token, cookie.split('=')[1] ?? cookie, collector.adminPassword])
    expect(all).not.toContain(secret);
});

test('who looks after the collector is told what does not work and why, and strangers only that', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  const ready = await collector.get('/readyz', cookie);
  expect([ready.status, await ready.json()]).toMatchObject([
    200,
    {
      status: 'ready',
      components: [{ component: 'database' }, { component: 'broker' }, { component: 'disk' }],
    },
  ]);
  expect((await collector.get('/readyz')).status).toBe(401);
  expect((await collector.get('/livez')).status).toBe(200);
  const other = new Database(storePlace(collector.config));
  // A timer that wants to write meanwhile cannot.
  collector.logs.expectError(/a timer failed|could not be (moved on|read)/);
  other.exec('BEGIN IMMEDIATE');
  const [failing, stranger] = await Promise.all([
    collector.get('/readyz', cookie),
    collector.get('/healthz'),
  ]);
  other.exec('ROLLBACK');
  other.close();
  expect([failing.status, await failing.text()]).toMatchObject([
    503,
    expect.stringMatching(
      /"database","ok":false,"problem":"(the database takes no write.*locked|has not answered)/,
    ),
  ]);
  expect([stranger.status, await stranger.json()]).toEqual([503, { status: 'failing' }]);
  await until(
    async () => ((await collector.get('/healthz')).status === 200 ? true : undefined),
    'the end of it',
    30_000,
  );
});

test('an overloaded collector says so at once, and still lets itself be looked after', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  // The collector runs in this process: what holds this thread up holds the collector up, at every turn.
  let overloaded = true;
  const hold = () => {
    const end = performance.now() + 1200;
    while (performance.now() < end);
    if (overloaded) setTimeout(hold, 0);
  };
  hold();
  const shed = await until(
    async () => {
      const response = await collector.get('/api/v1/cameras', cookie);
      return response.status === 503 ? response : undefined;
    },
    'a refusal',
    30_000,
  ).finally(() => (overloaded = false));
  expect(shed.headers.get('retry-after')).toBe('10');
  expect(await shed.text()).toContain('overloaded');
  expect((await collector.get('/healthz')).status).toBe(200);
  await until(
    async () => ((await collector.get('/api/v1/cameras', cookie)).status === 200 ? true : undefined),
    'the end of it',
  );
});
