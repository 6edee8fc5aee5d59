import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { topicFor, type DesiredMessage, type ReportedMessage } from '@headcount/shared';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { httpsStream, type Credentials } from '../../agent/src/uplink/https.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { enrolGateway, rootOf } from './_util/enrolment.js';
import { connect, TestGateway } from './_util/gateway.js';
import { until } from './_util/until.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const SETTINGS = { cameras: [{ id: 'door', fps: 5 }] };

async function put(collector: TestCollector, cookie: string, name: string, body: unknown): Promise<Response> {
  return fetch(`${collector.httpUrl}/api/v1/gateways/${name}/desired`, {
    method: 'PUT',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** What a gateway that connects now finds on its topic. */
async function desiredFor(collector: TestCollector, password: string): Promise<DesiredMessage> {
  const login = { clientId: 'lobby', username: 'lobby', password };
  const client = await connect(collector.mqttUrl, login);
  const message = new Promise<DesiredMessage>((resolve) =>
    client.once('message', (_, payload) => resolve(JSON.parse(payload.toString()) as DesiredMessage)),
  );
  await client.subscribeAsync(topicFor('lobby', 'desired'), { qos: 1 });
  const found = await message;
  await client.endAsync(true);
  return found;
}

describe('a desired configuration', () => {
  it('waits for a gateway that is away, also after a restart of the collector', async () => {
    const collector = await startCollector();
    const password = await collector.addGateway('lobby');
    const cookie = await collector.logIn();
    expect((await put(collector, cookie, 'lobby', { settings: {} })).status).toBe(200);
    expect((await put(collector, cookie, 'lobby', { settings: SETTINGS })).status).toBe(200);
    expect(await desiredFor(collector, password)).toMatchObject({ v: 1, version: 2, settings: SETTINGS });
    await collector.stop();
    await collector.start();
    expect(await desiredFor(collector, password)).toMatchObject({ version: 2, settings: SETTINGS });
  });

  it('can be set and shown on the command line, beside the running collector', async () => {
    const collector = await startCollector();
    const password = await collector.addGateway('lobby');
    const file = join(collector.config.dataDir, 'collector.yaml');
    writeFileSync(file, JSON.stringify({ dataDir: collector.config.dataDir }));
    const wanted = join(collector.config.dataDir, 'wanted.yaml');
    writeFileSync(wanted, 'cameras:\n  - { id: door, fps: 5 }\n');
    const cli = async (...args: string[]) =>
      (await promisify(execFile)(process.execPath, [MAIN, 'gateway', 'config', 'lobby', '-c', file, ...args]))
        .stdout;
    expect(await cli('--file', wanted)).toContain('version 1');
    expect(parse(await cli())).toMatchObject({
      desired: { version: 1, settings: SETTINGS },
      reported: null,
    });
    expect(await desiredFor(collector, password)).toMatchObject({ version: 1, settings: SETTINGS });
  });

  it('is for people who are logged in and gateways that exist; what the gateway says is kept', async () => {
    const collector = await startCollector();
    const password = await collector.addGateway('lobby');
    expect((await put(collector, '', 'lobby', { settings: {} })).status).toBe(401);
    const cookie = await collector.logIn();
    expect((await put(collector, cookie, 'nowhere', { settings: {} })).status).toBe(404);
    expect((await put(collector, cookie, 'lobby', { settings: 5 })).status).toBe(400);
    expect((await collector.get('/api/v1/gateways/lobby/reported', cookie)).status).toBe(404);
    const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
    const reported: ReportedMessage = {
      v: 1,
      at: Date.now(),
      version: 3,
      outcome: 'refused',
      detail: '',
      problems: [{ path: 'cameras.door.fps', message: 'too many' }],
      overridden: [],
      restartNeeded: [],
      configVersion: 'abc',
    };
    const topic = topicFor('lobby', 'reported');
    await gateway.client.publishAsync(topic, JSON.stringify(reported), { qos: 1, retain: true });
    const answer = await until(async () => {
      const response = await collector.get('/api/v1/gateways/lobby/reported', cookie);
      return response.status === 200 ? ((await response.json()) as unknown) : undefined;
    }, 'the report');
    expect(answer).toEqual(reported);
  });
});

describe('a command', () => {
  it('is answered with the file that came in parts, and never with the answer of another gateway', async () => {
    const collector = await startCollector();
    const gateway = await TestGateway.connect(
      collector.mqttUrl,
      'lobby',
      await collector.addGateway('lobby'),
    );
    const other = await TestGateway.connect(collector.mqttUrl, 'other', await collector.addGateway('other'));
    await gateway.sayHello();
    const cookie = await collector.logIn();
    const ask = () =>
      collector.post('/api/v1/gateways/lobby/commands', { kind: 'snapshot', camera: 'door' }, { cookie });
    await until(async () => {
      const response = await collector.get('/api/v1/gateways/lobby', cookie);
      return ((await response.json()) as { status: string }).status === 'online' ? true : undefined;
    }, 'the gateway');
    const answer = ask();
    const command = await until(
      () => gateway.commands.find(({ kind }) => kind === 'snapshot'),
      'the command',
    );
    const result = { v: 1, id: command.id, outcome: 'done', detail: '' };
    const part = (number: number, text: string) => ({
      ...result,
      attachment: { contentType: 'a/b', part: number, parts: 2, data: Buffer.from(text).toString('base64') },
    });
    const send = (from: TestGateway, message: object) =>
      from.client.publishAsync(topicFor(from.name, 'result'), JSON.stringify(message), { qos: 1 });
    await send(other, { ...result, detail: 'forged' });
    await send(gateway, part(0, 'one '));
    await send(gateway, part(1, 'two'));
    const body = (await (await answer).json()) as { outcome: string; detail: string; file: { data: string } };
    expect(body).toMatchObject({ outcome: 'done', detail: '' });
    expect(Buffer.from(body.file.data, 'base64').toString()).toBe('one two');
    const log = await collector.withStore((store) =>
      store
        .selectFrom('audit_log')
        .select(['actor', 'object'])
        .where('action', 'like', 'command.%')
        .execute(),
    );
    expect(log).toEqual([{ actor: 'admin', object: 'lobby' }]);
    expect((await collector.post('/api/v1/gateways/lobby/commands', { kind: 'diagnostics' })).status).toBe(
      401,
    );
  });
});

it('gives releases to gateways with their certificate, and nothing else to anybody', async () => {
  const collector = await startCollector({ secure: true });
  const folder = join(collector.config.dataDir, 'releases');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a_1.0.0.deb'), 'package');
  const { cert, key } = await enrolGateway(collector, 'lobby');
  const login = { ca: rootOf(collector), cert, key, signal: AbortSignal.timeout(10_000) };
  const get = async (file: string, credentials: Credentials & { signal: AbortSignal } = login) =>
    text(await httpsStream(`${collector.httpsUrl}/gateway/v1/releases/${file}`, credentials));
  expect(await get('a_1.0.0.deb')).toBe('package');
  const { ca, signal } = login;
  await expect(get('a_1.0.0.deb', { ca, signal })).rejects.toMatchObject({ status: 401 });
  const cookie = await collector.logIn();
  expect((await collector.get('/gateway/v1/releases/a_1.0.0.deb', cookie)).status).toBe(401);
  for (const file of ['b.deb', '..%2Fcollector.sqlite', '.hidden.deb', 'a_1.0.0.json'])
    await expect(get(file)).rejects.toMatchObject({ status: 404 });
});
