/** From a fresh box and a code to counts over TLS: the real programs, their files, and what their logs must not hold. */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatEnrolmentCode } from '@headcount/shared';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { credentialFiles } from '../../agent/src/enrolment/enroll.js';
import { CertificateRenewal } from '../../agent/src/enrolment/renewal.js';
import type { AgentStatus } from '../../agent/src/status/agent-status.js';
import { startRtspCamera, type RtspCamera } from '../lib/rtsp-camera.js';
import { CLIP_LINES, PIN, Stack } from '../lib/stack.js';

const CLIP = fileURLToPath(new URL('../../.cache/vtest.avi', import.meta.url));
const PROGRAMS = {
  agent: fileURLToPath(new URL('../../agent/dist/main.js', import.meta.url)),
  collector: fileURLToPath(new URL('../../collector/dist/main.js', import.meta.url)),
};
const DAY_MS = 24 * 3_600_000;

let stack: Stack;
let folder: string;
let camera: RtspCamera;
/** Good, and still so after every failed try. */
let freshCode: string;
/** Every code that was made; none may stand in a log. */
const codes: string[] = [];

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: keyof typeof PROGRAMS, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAMS[program], ...args], (error, stdout, stderr) =>
      resolve({
        code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
        stdout,
        stderr,
      }),
    );
  });
}

async function newCode(name: string, ...more: string[]): Promise<string> {
  const config = stack.file('collector.yaml');
  const args = ['gateway', 'enroll-code', name, '--site', 'shop', '--json', '--config', config, ...more];
  const { stdout, stderr } = await run('collector', ...args);
  expect(stderr).toBe('');
  const { code } = JSON.parse(stdout) as { code: string };
  codes.push(code);
  return code;
}

function enroll(code: string, ...more: string[]): Promise<Outcome> {
  return run('agent', 'enroll', stack.httpsUrl, code, '--config', stack.file('agent.yaml'), ...more);
}

async function status(): Promise<AgentStatus> {
  const authorization = `Basic ${Buffer.from(`technician:${PIN}`).toString('base64')}`;
  const response = await fetch(`${stack.statusUrl}/status`, { headers: { authorization } });
  return (await response.json()) as AgentStatus;
}

function query<T>(text: string): T[] {
  const db = new Database(stack.file('collector/collector.sqlite'), { readonly: true });
  try {
    return db.prepare<[], T>(text).all();
  } finally {
    db.close();
  }
}

beforeAll(async () => {
  stack = await Stack.create(mkdtempSync(join(tmpdir(), 'headcount-enrol-')), {
    usualPorts: false,
    timeZone: 'Asia/Ho_Chi_Minh',
    tls: true,
  });
  await stack.startCollector();
  freshCode = await newCode('lobby');
  camera = await startRtspCamera({ clip: CLIP });
  folder = join(stack.folder, 'agent/enrolment');
  const config = {
    dataDir: join(stack.folder, 'agent'),
    status: { port: stack.ports.status },
    cameras: [{ id: 'door', name: 'Front door', url: camera.url, lines: CLIP_LINES }],
  };
  writeFileSync(stack.file('agent.yaml'), `# kept by enrolment\n${stringify(config)}`);
});

afterAll(async () => {
  await stack.stop();
  await camera.stop();
});

describe('a device that cannot enrol says why in one line, and its code stays good', () => {
  it.each([
    ['a mistyped code', (code: string) => [stack.httpsUrl, `${code.slice(0, -1)}!`], 2, /holds "!"/],
    [
      'a code of another collector',
      () => [stack.httpsUrl, otherCollector()],
      1,
      /is not the collector that made this code.*Nothing was sent/,
    ],
    [
      'a port without TLS',
      (code: string) => [`https://127.0.0.1:${stack.ports.http}`, code],
      1,
      /does not speak TLS/,
    ],
    [
      'nobody there',
      (code: string) => ['https://127.0.0.1:9', code],
      1,
      /nothing listens at https:\/\/127\.0\.0\.1:9/,
    ],
    ['a plain address', (code: string) => [stack.consoleUrl, code], 2, /must be https:\/\/host:port/],
  ] as const)('%s', async (_name, args, exitCode, message) => {
    const [url, typed] = args(freshCode) as [string, string];
    const {
      code: exit,
      stdout,
      stderr,
    } = await run('agent', 'enroll', url, typed, '--config', stack.file('agent.yaml'));
    expect({ exit, stdout }).toEqual({ exit: exitCode, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ {4}at /);
    expect(query('SELECT * FROM enrolment_code WHERE used_at IS NOT NULL')).toEqual([]);
  });

  it('a server that only pretends never hears the code', async () => {
    const heard: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on('data', (data) => heard.push(data));
      socket.on('error', () => undefined);
      setTimeout(() => socket.destroy(), 300);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { code: exit } = await run(
      'agent',
      'enroll',
      `https://127.0.0.1:${port}`,
      freshCode,
      '--config',
      stack.file('agent.yaml'),
    );
    server.close();
    expect(exit).toBe(1);
    expect(Buffer.concat(heard).toString('latin1')).not.toContain(freshCode.replaceAll('-', '').slice(0, 16));
  });
});

/** Well-formed, and of a root that nobody here has. */
function otherCollector(): string {
  return formatEnrolmentCode(Buffer.alloc(10, 7), 'ab'.repeat(12));
}

describe('enrolling', () => {
  it('writes key and certificates for the owner only and the addresses into the configuration', async () => {
    const { code: exit, stdout, stderr } = await enroll(freshCode);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toMatch(/^enrolled as gateway lobby of site shop \(Asia\/Ho_Chi_Minh\)/);
    expect(readdirSync(folder).sort()).toEqual(['ca.crt', 'client.crt', 'client.key']);
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    const text = readFileSync(stack.file('agent.yaml'), 'utf8');
    expect(text).toMatch(/^# kept by enrolment\n/);
    expect(parse(text)).toMatchObject({
      gateway: 'lobby',
      collector: { url: stack.mqttsUrl, httpsUrl: stack.httpsUrl, ...credentialFiles(folder) },
    });
    const used = await enroll(freshCode, '--again');
    expect(used).toMatchObject({ code: 1, stdout: '' });
    expect(used.stderr).toMatch(/the enrolment code was used already/);
    expect((await enroll(freshCode)).stderr).toMatch(/has enrolled as "lobby"; --again enrols it anew/);
  });

  it('is all that "run" needs: counts arrive over TLS', async () => {
    await stack.startAgent();
    await expect.poll(async () => (await status()).uplink.state, { timeout: 20_000 }).toBe('online');
    const crossings = async () =>
      (await status()).cameras
        .flatMap(({ lines }) => lines)
        .reduce((sum, { totals }) => sum + totals.in + totals.out, 0);
    await expect.poll(crossings, { timeout: 40_000 }).toBeGreaterThan(0);
    // The stop sends the minute that is still open.
    await stack.agent?.stop();
    const [stored] = query<{ gateway: string; crossings: number }>(
      'SELECT gateway, SUM(in_count + out_count) AS crossings FROM count_interval GROUP BY gateway',
    );
    expect(stored?.gateway).toBe('lobby');
    expect(stored?.crossings).toBeGreaterThan(0);
    expect(query('SELECT * FROM dead_letter')).toEqual([]);
  });

  it('gives a certificate that is renewed over HTTPS before it ends, and the new one works', async () => {
    const { certFile } = credentialFiles(folder);
    const before = new X509Certificate(readFileSync(certFile));
    const options = {
      httpsUrl: stack.httpsUrl,
      files: credentialFiles(folder),
      random: Math.random,
      logger: pino({ level: 'silent' }),
    };
    const later = (days: number) =>
      new CertificateRenewal({ ...options, now: () => Date.now() + days * DAY_MS });
    expect(await later(240).renewIfDue()).toBe(false);
    expect(await later(250).renewIfDue()).toBe(true);
    const after = new X509Certificate(readFileSync(certFile));
    expect(after.serialNumber).not.toBe(before.serialNumber);
    expect(statSync(certFile).mode & 0o777).toBe(0o600);
    await stack.startAgent();
    await expect.poll(async () => (await status()).uplink.state, { timeout: 20_000 }).toBe('online');
  });

  it('ends when the certificate is revoked, and begins anew with another code', async () => {
    const revoked = await run(
      'collector',
      'gateway',
      'revoke',
      'lobby',
      '--config',
      stack.file('collector.yaml'),
    );
    expect(revoked.stdout).toBe(
      'gateway lobby: 1 certificate revoked, its password opens nothing any more\n',
    );
    await expect
      .poll(async () => (await status()).uplink.problem, { timeout: 30_000 })
      .toMatch(/refused the certificate of gateway "lobby"; ask for an enrolment code/);
    expect((await enroll(await newCode('lobby'), '--again')).code).toBe(0);
    // The agent reads the files anew for each connection.
    await expect.poll(async () => (await status()).uplink.state, { timeout: 30_000 }).toBe('online');
    await stack.agent?.stop();
  });
});

it('no code, key, password or PIN stands in a log', () => {
  const key = readFileSync(join(folder, 'client.key'), 'utf8').split('\n')[1] ?? '';
  expect(key.length).toBeGreaterThan(40);
  for (const name of ['agent.log', 'collector.log']) {
    const text = readFileSync(stack.file(name), 'utf8');
    const hidden = [
      ...codes,
      ...codes.map((code) => code.replaceAll('-', '').slice(0, 16)),
      key,
      PIN,
      stack.adminPassword,
    ];
    for (const secret of hidden) expect(text).not.toContain(secret);
    expect(text).not.toContain('PRIVATE KEY');
    expect(text).not.toMatch(/"log\.level":"fatal"/);
  }
});
