import { expect, test } from 'vitest';
import { z } from 'zod';
import { problemSchema } from '../src/schema/api.js';
import { sessionSchema } from '../src/schema/security.js';
import { startCollector, type TestCollector } from './_util/collector.js';

const openApiSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({}))),
});

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
}

async function routes(collector: TestCollector, cookie: string): Promise<{ method: string; path: string }[]> {
  const document = openApiSchema.parse(await (await collector.get('/api/v1/openapi.json', cookie)).json());
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  );
}

/** A calendar's address holds its secret. */
const OPEN = ['POST /api/v1/session', 'GET /api/v1/calendars/{token}/on-call.ics'];

test('every route of the OpenAPI document needs a session, except the login and calendars', async () => {
  const collector = await startCollector();
  const all = await routes(collector, await collector.logIn());
  expect(all.length).toBeGreaterThan(10);
  const closed = all.filter(({ method, path }) => !OPEN.includes(`${method} ${path}`));
  for (const { method, path } of [...closed, { method: 'GET', path: '/api/v1/openapi.json' }]) {
    for (const cookie of ['', 'headcount_session=', 'headcount_session=made-up']) {
      const url = collector.httpUrl + path.replace('{name}', 'lobby').replace('{site}', 'main');
      const response = await fetch(url, { method, headers: { cookie } });
      expect(response.status, `${method} ${path} with "${cookie}"`).toBe(401);
      expect((await problemOf(response)).detail).toBe('log in first');
    }
  }
});

test('an address that does not exist tells a stranger nothing and a person that it does not exist', async () => {
  const collector = await startCollector();
  expect((await collector.get('/api/v1/secrets')).status).toBe(401);
  const known = await collector.get('/api/v1/secrets', await collector.logIn());
  expect(known.status).toBe(404);
  expect((await problemOf(known)).detail).toBe('there is nothing at /api/v1/secrets');
});

test('the liveness probe is open and says nothing but that', async () => {
  const collector = await startCollector();
  const response = await collector.get('/healthz');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ok' });
});

test('a login opens a session in a cookie that scripts and other sites cannot use', async () => {
  const collector = await startCollector();
  const response = await collector.post('/api/v1/session', {
    username: 'admin',
    password: collector.adminPassword,
  });
  expect(response.status).toBe(200);
  const session = sessionSchema.parse(await response.json());
  expect(session).toMatchObject({ username: 'admin', role: 'admin' });
  expect(session.expiresAt - Date.now()).toBeGreaterThan(11.9 * 3_600_000);
  const cookie = response.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Strict/);
  expect(
    sessionSchema.parse(await (await collector.get('/api/v1/session', cookie.split(';')[0])).json()),
  ).toEqual(session);
  const token = cookie.split(/[=;]/)[1] ?? '';
  const stored = await collector.withStore((store) => store.selectFrom('session').selectAll().execute());
  expect(token.length).toBeGreaterThan(40);
  expect(JSON.stringify(stored)).not.toContain(token);
});

test('a logout ends the session for good', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  const response = await fetch(`${collector.httpUrl}/api/v1/session`, {
    method: 'DELETE',
    headers: { cookie },
  });
  expect(response.status).toBe(204);
  expect((await collector.get('/api/v1/session', cookie)).status).toBe(401);
});

test('a session that has expired is none', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  await collector.withStore((store) =>
    store
      .updateTable('session')
      .set({ expires_at: Date.now() - 1 })
      .execute(),
  );
  expect((await collector.get('/api/v1/session', cookie)).status).toBe(401);
});

test('a wrong password and an unknown user get the same answer', async () => {
  const collector = await startCollector();
  const wrong = await problemOf(
    await collector.post('/api/v1/session', { username: 'admin', password: 'wrong' }),
  );
  const unknown = await problemOf(
    await collector.post('/api/v1/session', { username: 'nobody', password: 'wrong' }),
  );
  expect(wrong).toEqual(unknown);
  expect(wrong).toMatchObject({ status: 401, detail: 'wrong user name or password' });
});

test('after ten wrong passwords an account has to wait, also when they all come at once', async () => {
  const collector = await startCollector();
  const tries = Array.from({ length: 30 }, () =>
    collector.post('/api/v1/session', { username: 'admin', password: 'wrong' }),
  );
  const statuses = (await Promise.all(tries)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(20);
  const right = await collector.post('/api/v1/session', {
    username: 'admin',
    password: collector.adminPassword,
  });
  expect(right.status).toBe(429);
  expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(500);
  expect((await problemOf(right)).detail).toMatch(/try again in 10 min/);
});

test('a page of another site can do nothing', async () => {
  const collector = await startCollector();
  const login = { username: 'admin', password: collector.adminPassword };
  for (const origin of ['https://evil.example', 'null', `${collector.httpUrl}.evil.example`]) {
    const response = await collector.post('/api/v1/session', login, { origin });
    expect(response.status, origin).toBe(403);
  }
  expect((await collector.post('/api/v1/session', login, { origin: collector.httpUrl })).status).toBe(200);
  const form = await fetch(`${collector.httpUrl}/api/v1/session`, {
    method: 'POST',
    body: new URLSearchParams(login),
  });
  expect(form.status).toBe(415);
});

test.each([
  ['no body', undefined, /body|Body/],
  ['broken JSON', '{"username":', /JSON/],
  ['a wrong type', JSON.stringify({ username: 1, password: 'x' }), /username/],
  ['a body of 100 KB', JSON.stringify({ username: 'a', password: 'x'.repeat(100_000) }), /too large/],
])('a login with %s is answered with a problem', async (_name, body, detail) => {
  const collector = await startCollector();
  const response = await fetch(`${collector.httpUrl}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body }),
  });
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  expect((await problemOf(response)).detail).toMatch(detail);
});

test('every wrong parameter is named at once', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  const response = await collector.get('/api/v1/counts?from=soon&to=-1&bucket=fortnight&gateway=UP', cookie);
  const problem = await problemOf(response);
  expect(problem.status).toBe(400);
  expect(problem.errors?.map(({ path }) => path).sort()).toEqual(['bucket', 'from', 'gateway', 'to']);
});

test('an error inside shows nothing of itself to the client and everything to the log', async () => {
  const collector = await startCollector();
  collector.logs.expectError(/request failed/);
  const cookie = await collector.logIn();
  await collector.withStore((store) => store.schema.alterTable('camera').renameTo('gone').execute());
  const response = await collector.get('/api/v1/cameras', cookie);
  expect(response.status).toBe(500);
  expect((await problemOf(response)).detail).not.toMatch(/camera|table/);
  expect(JSON.stringify(collector.logs.matching(/request failed/))).toMatch(/no such table: camera/);
});

test('the answers carry headers that keep a page from being framed or fed with foreign scripts', async () => {
  const collector = await startCollector();
  const { headers } = await collector.get('/healthz');
  expect(headers.get('content-security-policy')).toMatch(/default-src 'self'/);
  expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/);
  expect(headers.get('content-security-policy')).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

test('an unknown gateway is a clear 404', async () => {
  const collector = await startCollector();
  const response = await collector.get('/api/v1/gateways/cellar', await collector.logIn());
  expect((await problemOf(response)).detail).toBe('there is no gateway "cellar"');
});

test('the first user is made once: a second start gives no password', async () => {
  const collector = await startCollector();
  const first = collector.adminPassword;
  expect(first).toHaveLength(43);
  await collector.stop();
  collector.adminPassword = '';
  await collector.start();
  expect(collector.adminPassword).toBe('');
  await collector.logIn('admin', first);
});

test('a start that fails does not use up the first password', async () => {
  const other = await startCollector();
  const collector = await startCollector();
  await collector.stop();
  await collector.withStore((store) => store.deleteFrom('user').execute());
  const taken = Number(new URL(other.mqttUrl).port);
  const { config } = collector;
  Object.assign(config, { mqtt: { ...config.mqtt, port: taken } });
  await expect(collector.start()).rejects.toThrow(/EADDRINUSE/);
  await collector.stop();
  Object.assign(config, { mqtt: { ...config.mqtt, port: 0 } });
  collector.adminPassword = '';
  await collector.start();
  await collector.logIn();
});
