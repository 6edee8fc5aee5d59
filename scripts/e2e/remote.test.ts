/** A gateway configured and asked from afar: real collector, agent, broker, cameras; one camera changes, the other goes on. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentStatus } from '../../agent/src/status/agent-status.js';
import { startRtspCamera, type RtspCamera } from '../lib/rtsp-camera.js';
import { CLIP_LINES, PIN, Stack } from '../lib/stack.js';
import { storedRows } from './stored.js';

const CLIP = fileURLToPath(new URL('../../.cache/vtest.avi', import.meta.url));
const QUICK = { timeout: 30_000, interval: 200 };

let stack: Stack;
let cameras: RtspCamera[] = [];
let cookie = '';

async function api(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`${stack.consoleUrl}/api/v1/gateways/lobby/${path}`, {
    method,
    headers: { cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, ...((await response.json()) as object) };
}

async function status(): Promise<AgentStatus> {
  const authorization = `Basic ${Buffer.from(`technician:${PIN}`).toString('base64')}`;
  const response = await fetch(`${stack.statusUrl}/status`, { headers: { authorization } });
  return (await response.json()) as AgentStatus;
}

/** Process ids of the decoders, by the port of their camera. */
async function decoders(): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)('ps', [
    '--ppid',
    String(stack.agent?.pid),
    '-o',
    'pid=,args=',
    'ww',
  ]);
  return Object.fromEntries(
    stdout.split('\n').flatMap((line) => {
      const found = /^\s*(\d+) .*rtsp:\/\/127\.0\.0\.1:(\d+)/.exec(line);
      return found === null ? [] : [[String(found[2]), String(found[1])] as const];
    }),
  );
}

const portOf = (index: number) => new URL(cameras[index]?.url ?? '').port;
const streaming = async () => (await status()).cameras.map(({ state }) => state);
const reported = async () => api('GET', 'reported');

beforeAll(async () => {
  stack = await Stack.create(mkdtempSync(join(tmpdir(), 'headcount-remote-')), {
    usualPorts: false,
    timeZone: 'UTC',
  });
  await stack.startCollector();
  cameras = await Promise.all([startRtspCamera({ clip: CLIP }), startRtspCamera({ clip: CLIP })]);
  await stack.addGateway(
    'lobby',
    ['door', 'hall'].map((id, index) => ({
      id,
      name: id,
      url: cameras[index]?.url ?? '',
      lines: CLIP_LINES,
    })),
  );
  await stack.startAgent();
  const login = await fetch(`${stack.consoleUrl}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: stack.adminPassword }),
  });
  cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
});

afterAll(async () => {
  await stack.stop();
  await Promise.all(cameras.map((camera) => camera.stop()));
  rmSync(stack.folder, { recursive: true, force: true });
});

describe('desired configuration', () => {
  it('reaches the gateway, changes one camera and leaves the decoder of the other alone', async () => {
    await expect.poll(streaming, QUICK).toEqual(['streaming', 'streaming']);
    expect(await reported()).toMatchObject({ outcome: 'unchanged', version: null });
    const before = await decoders();
    const wanted = { settings: { cameras: [{ id: 'door', fps: 5 }], logLevel: 'debug' } };
    expect(await api('PUT', 'desired', wanted)).toMatchObject({ status: 200, version: 1, author: 'admin' });
    await expect.poll(reported, QUICK).toMatchObject({ outcome: 'trial', version: 1, problems: [] });
    await expect.poll(streaming, QUICK).toEqual(['streaming', 'streaming']);
    expect((await status()).cameras.map(({ fps }) => fps.configured)).toEqual([5, 10]);
    const after = await decoders();
    expect(after[portOf(1)]).toBe(before[portOf(1)]);
    expect(after[portOf(0)]).not.toBe(before[portOf(0)]);
    expect((await reported())['configVersion']).toBe((await status()).config.version);
  });

  it('comes back with every problem and its path when it is wrong, and changes nothing', async () => {
    const before = (await status()).config;
    await api('PUT', 'desired', { settings: { cameras: [{ id: 'door', fps: 99, colour: 'red' }] } });
    await expect.poll(reported, QUICK).toMatchObject({ outcome: 'refused', version: 2 });
    const { problems } = (await reported()) as { problems: { path: string }[] };
    expect(problems.map(({ path }) => path).sort()).toEqual(['cameras.door', 'cameras.door.fps']);
    expect((await status()).config).toEqual(before);
  });

  it('is kept, with its trial, by an agent that is killed, and taken back when it keeps dying', async () => {
    for (let death = 1; death <= 3; death++) {
      await stack.agent?.kill();
      await stack.startAgent();
      const fps = (await status()).cameras[0]?.fps.configured;
      expect(fps).toBe(death < 3 ? 5 : 10);
    }
    await expect.poll(reported, QUICK).toMatchObject({
      outcome: 'rolled-back',
      detail: expect.stringContaining('without a clean stop') as string,
    });
    await expect.poll(streaming, QUICK).toEqual(['streaming', 'streaming']);
  });
});

describe('the file on the gateway', () => {
  it('is read again when an editor replaces it; a broken one changes nothing and is told', async () => {
    const file = stack.file('agent.yaml');
    const text = readFileSync(file, 'utf8');
    const replace = (content: string) => {
      writeFileSync(`${file}~`, content);
      renameSync(`${file}~`, file);
    };
    const before = await decoders();
    replace(text.replace('gateway: lobby', 'gateway: Lobby!\nnonsense: 1'));
    await expect.poll(async () => (await status()).config.problem, QUICK).toContain('nonsense');
    expect(await decoders()).toEqual(before);
    replace(text.replace('name: hall', 'name: Great hall'));
    await expect.poll(async () => (await status()).cameras[1]?.name, QUICK).toBe('Great hall');
    expect((await status()).config.problem).toBeNull();
    expect(await decoders()).toEqual(before);
  });
});

describe('commands', () => {
  it('bring one picture, which is a JPEG', async () => {
    const answer = await api('POST', 'commands', { kind: 'snapshot', camera: 'hall' });
    expect(answer).toMatchObject({ outcome: 'done', file: { contentType: 'image/jpeg' } });
    const { file } = answer as { file: { data: string } };
    expect(Buffer.from(file.data, 'base64').subarray(0, 2).toString('hex')).toBe('ffd8');
  });

  it('restart one camera', async () => {
    const before = await decoders();
    expect(await api('POST', 'commands', { kind: 'restart-camera', camera: 'door' })).toMatchObject({
      outcome: 'done',
    });
    await expect.poll(async () => (await decoders())[portOf(0)], QUICK).toMatch(/^\d+$/);
    const after = await decoders();
    expect(after[portOf(0)]).not.toBe(before[portOf(0)]);
    expect(after[portOf(1)]).toBe(before[portOf(1)]);
  });

  it('are answered in words when they cannot be done, and leave a trace of who asked', async () => {
    const gone = await api('POST', 'commands', { kind: 'snapshot', camera: 'nowhere' });
    expect(gone).toMatchObject({ outcome: 'failed', detail: 'there is no camera nowhere', file: null });
    const level = { kind: 'log-level', level: 'debug', forMs: 60_000 };
    expect(await api('POST', 'commands', level)).toMatchObject({ outcome: 'done' });
    const [asked] = storedRows(stack, "SELECT actor FROM audit_log WHERE action = 'command.log-level'");
    expect(asked).toBe('admin');
    await stack.agent?.stop();
    await expect.poll(async () => (await api('POST', 'commands', level))['status'], QUICK).toBe(409);
  });
});
