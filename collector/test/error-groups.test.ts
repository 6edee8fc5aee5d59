import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { ErrorLog } from '../src/error-groups/error-log.js';
import { errorGroup, listErrorGroups, setErrorState } from '../src/error-groups/groups.js';
import { errorGroupDetailSchema, errorGroupsSchema } from '../src/schema/errors.js';
import { auditLogSchema } from '../src/schema/security.js';
import { openStore } from '../src/store/store.js';
import { startCollector } from './_util/collector.js';
import { LogBook } from './_util/logs.js';

test('a request that failed is a group with its place and request, and a person resolves it', async () => {
  const collector = await startCollector();
  collector.logs.expectError(/request failed/);
  const rename = (from: string, to: string) =>
    collector.withStore((store) => store.schema.alterTable(from).renameTo(to).execute());
  let cookie = await collector.logIn();
  await rename('camera', 'gone');
  const ids = [];
  for (const path of ['/api/v1/cameras', '/api/v1/cameras'])
    ids.push((await collector.get(path, cookie)).headers.get('x-request-id'));
  await rename('gone', 'camera');
  // What is not written yet is written at the end.
  await collector.stop();
  await collector.start();
  cookie = await collector.logIn();
  const list = async (query = '') => {
    const response = await collector.get(`/api/v1/errors${query}`, cookie);
    expect(response.status).toBe(200);
    return errorGroupsSchema.parse(await response.json());
  };
  const { groups, next } = await list();
  expect([groups, next]).toMatchObject([
    [{ type: 'SqliteError', message: 'request failed: no such table: camera', count: 2, state: 'open' }],
    null,
  ]);
  const path = `/api/v1/errors/${groups[0]?.fingerprint ?? ''}`;
  const answer = await collector.get(path, cookie);
  const { example } = errorGroupDetailSchema.parse(await answer.json());
  expect(example.requestId).toBe(ids[1]);
  expect(example.stack).toContain('no such table: camera');
  const gauge = await (await collector.get('/metrics', cookie)).text();
  expect(gauge).toMatch(/^headcount_error_groups_open 1$/m);
  expect((await collector.post(`${path}/resolve`, {}, { cookie })).status).toBe(204);
  expect((await list('?state=open')).groups).toEqual([]);
  expect((await list('?state=resolved')).groups).toMatchObject([{ stateBy: 'admin' }]);
  const nothing = `/api/v1/errors/${'0'.repeat(64)}`;
  expect((await collector.get(nothing, cookie)).status).toBe(404);
  expect((await collector.post(`${nothing}/ignore`, {}, { cookie })).status).toBe(404);
  expect((await collector.get('/api/v1/errors/x', cookie)).status).toBe(400);
  const log = await collector.get('/api/v1/audit-log?action=error.', cookie);
  expect(auditLogSchema.parse(await log.json()).entries).toMatchObject([{ action: 'error.resolve' }]);
});

async function openLog(version: string) {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-errors-'));
  const store = await openStore(join(folder, 'x.sqlite'));
  onTestFinished(async () => {
    await store.destroy();
    rmSync(folder, { recursive: true, force: true });
  });
  const logs = new LogBook();
  const logOf = (release: string) =>
    new ErrorLog({ store, lines: logs.errorLines, version: release, logger: logs.logger });
  return { store, logs, logOf, log: logOf(version) };
}

test('a resolved group stays so in its release, opens again in a later one; an ignored one stays ignored', async () => {
  const { store, logs, log, logOf } = await openLog('1.9.0');
  const states = async () =>
    (await listErrorGroups(store, { limit: 10 }))
      .map(({ message, state, count, regressedAt }) => [message, state, count, regressedAt !== null])
      .sort();
  const fail = () => {
    logs.logger.error({ err: new TypeError('row 17 is wrong') }, 'a timer failed');
    logs.logger.error({ gateway: 'lobby' }, '5 counts missing');
    logs.logger.warn({ err: new Error('no group') }, 'only a warning');
  };
  fail();
  fail();
  await log.flush();
  const [timer, missing] = ['a timer failed: row ? is wrong', '? counts missing'];
  expect(await states()).toEqual([
    [missing, 'open', 2, false],
    [timer, 'open', 2, false],
  ]);
  for (const { fingerprint, message } of await listErrorGroups(store, { limit: 10 })) {
    const state = message === timer ? 'resolved' : 'ignored';
    await setErrorState(store, fingerprint, { state, by: 'lan', version: '1.9.0' }, 1);
  }
  fail();
  await log.flush();
  expect(await states()).toEqual([
    [missing, 'ignored', 3, false],
    [timer, 'resolved', 3, false],
  ]);
  fail();
  await logOf('1.10.0').flush();
  expect(await states()).toEqual([
    [missing, 'ignored', 4, false],
    [timer, 'open', 4, true],
  ]);
  const [group] = await listErrorGroups(store, { state: 'open', limit: 1 });
  expect(group).toMatchObject({ firstVersion: '1.9.0', lastVersion: '1.10.0', type: 'TypeError' });
});

test('what is kept has bounds, holds no secret, and survives a database that takes no write', async () => {
  const { store, logs, log } = await openLog('1.0.0');
  const secrets = { password: 'hunter2', camera: { token: 'geheim' } };
  logs.logger.error({ ...secrets, err: new Error('rtsp://user:s3cret@cam/1 refused') }, 'camera lost');
  await sql`ALTER TABLE error_group RENAME TO gone`.execute(store);
  await log.flush();
  await log.flush();
  await sql`ALTER TABLE gone RENAME TO error_group`.execute(store);
  // It says so once, and not as an error that would be gathered in turn.
  expect(logs.matching(/error groups could not be written/)).toMatchObject([{ level: 'warn' }]);
  await log.flush();
  const [group] = await listErrorGroups(store, { limit: 10 });
  const detail = await errorGroup(store, group?.fingerprint ?? '');
  expect(detail).toMatchObject({ count: 1, message: 'camera lost: rtsp://***@cam/? refused' });
  expect(JSON.stringify(detail)).not.toMatch(/hunter2|geheim|s3cret/);
  const word = (index: number) =>
    index.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '');
  for (let index = 0; index < 520; index++) logs.logger.error(`no ${word(index)}_${word(index)}`);
  expect(logs.errorLines.dropped).toBeGreaterThan(0);
  await log.flush();
  for (let index = 520; index < 560; index++) logs.logger.error(`no ${word(index)}_${word(index)}`);
  await log.flush();
  expect(await listErrorGroups(store, { limit: 1000 })).toHaveLength(500);
  logs.errorLines.write('no JSON');
  logs.errorLines.write('{"message":"no time"}');
  expect(logs.errorLines.take()).toEqual([]);
});
