/** Updates with real parts: an HTTPS server, Ed25519 signatures, packages of dpkg-deb and dpkg in a root of its own. */
import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import type { SignedManifest } from '@headcount/shared';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyUpdate, readState } from '../src/update/apply.js';
import { createDownload } from '../src/update/download.js';
import type { Manifest } from '../src/update/manifest.js';
import { Updater } from '../src/update/updater.js';

const run = promisify(execFile);
const logger = pino({ level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'headcount-update-'));
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const NOW = Date.UTC(2026, 10, 25);
const debs = new Map<string, Buffer>();
let server: Server;
let url = '';
let staging = '';
let privileged = '';
let root = '';
let events: string[] = [];

async function makeDeb(version: string): Promise<void> {
  const tree = join(folder, `tree-${version}`);
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
  mkdirSync(join(tree, 'opt'));
  const control = `Package: headcount-agent\nVersion: ${version}\nArchitecture: amd64\nMaintainer: T <t@example.org>\nDescription: test\n`;
  writeFileSync(join(tree, 'DEBIAN/control'), control);
  writeFileSync(join(tree, 'opt/version'), version);
  const deb = join(folder, `${version}.deb`);
  await run('dpkg-deb', ['--root-owner-group', '--build', tree, deb]);
  debs.set(`${version}.deb`, readFileSync(deb));
}

/** A certificate for 127.0.0.1 that is its own CA. */
async function certificate(): Promise<{ key: string; cert: string }> {
  const [key, cert] = [join(folder, 'tls.key'), join(folder, 'ca.pem')];
  const kind = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '1',
  ];
  const names = ['-subj', '/CN=collector', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await run('openssl', [...kind, ...names, '-keyout', key, '-out', cert]);
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

function signed(
  version: string,
  changes: Partial<Manifest> = {},
  key: KeyObject = privateKey,
): SignedManifest {
  const content = debs.get(`${version}.deb`) ?? Buffer.alloc(0);
  const manifest = JSON.stringify({
    version,
    arch: 'amd64',
    file: `${version}.deb`,
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    minVersion: '1.0.0',
    createdAt: NOW + Number(version.replaceAll('.', '')),
    ...changes,
  });
  return { manifest, signature: sign(null, Buffer.from(manifest), key).toString('base64') };
}

function updater(options: { counting?: boolean; enrolled?: boolean } = {}): Updater {
  const [caFile, keyFile] = [join(folder, 'ca.pem'), join(folder, 'tls.key')];
  const login = options.enrolled === false ? {} : { certFile: caFile, keyFile };
  return new Updater({
    staging,
    privileged,
    key: publicKey,
    version: '1.0.0',
    arch: 'amd64',
    download: createDownload({ url: 'mqtts://127.0.0.1:8883', httpsUrl: url, caFile, ...login }),
    counting: () => options.counting ?? true,
    event: (detail) => events.push(detail),
    now: () => NOW,
    monotonic: () => performance.now(),
    logger,
  });
}

function stage(
  target: SignedManifest,
  change: { allowDowngrade?: boolean; options?: Parameters<typeof updater>[0] } = {},
) {
  const { allowDowngrade = false, options } = change;
  const command = { kind: 'update' as const, target, fallback: signed('1.0.0'), allowDowngrade };
  const context = { deadline: Infinity, signal: new AbortController().signal };
  return updater(options).handle(command, context);
}

function install(path: string): Promise<unknown> {
  const args = [`--root=${root}`, '--force-not-root', '--force-downgrade', '--install', path];
  return run('dpkg', args, { env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` } });
}

/** The privileged step on a clock of its own; `proof` is what the agent writes while it is waited for. */
function apply(options: { proof?: { version: string; at: number }; fail?: RegExp } = {}) {
  let clock = NOW + 1_000_000;
  return applyUpdate({
    staging,
    folder: privileged,
    key: publicKey,
    version: '1.0.0',
    arch: 'amd64',
    install: async (path) => {
      if (options.fail?.test(path) === true) throw new Error('dpkg: no');
      await install(path);
    },
    probationMs: 600_000,
    now: () => clock,
    sleep: (ms) => {
      clock += ms;
      if (options.proof !== undefined)
        writeFileSync(join(staging, 'healthy.json'), JSON.stringify(options.proof));
      return Promise.resolve();
    },
    logger,
  });
}

const installed = () => readFileSync(join(root, 'opt/version'), 'utf8');

beforeAll(async () => {
  for (const version of ['1.0.0', '1.1.0', '0.9.0']) await makeDeb(version);
  const tls = await certificate();
  const settings = { ...tls, ca: tls.cert, requestCert: true, rejectUnauthorized: false };
  server = createServer(settings, (request, response) => {
    const known = request.socket instanceof TLSSocket && request.socket.authorized;
    const deb = debs.get(request.url?.split('/').pop() ?? '');
    response.statusCode = !known ? 401 : deb === undefined ? 404 : 200;
    response.end(response.statusCode === 200 ? deb : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  const own = mkdtempSync(join(folder, 'gateway-'));
  [staging, privileged, root] = [join(own, 'staging'), join(own, 'privileged'), join(own, 'root')];
  for (const part of ['var/lib/dpkg/info', 'var/lib/dpkg/updates', 'var/lib/dpkg/triggers'])
    mkdirSync(join(root, part), { recursive: true });
  writeFileSync(join(root, 'var/lib/dpkg/status'), '');
  events = [];
  await install(join(folder, '1.0.0.deb'));
});

describe('an update', () => {
  it('is fetched over HTTPS, installed by dpkg, and kept when the new version counts', async () => {
    expect(await stage(signed('1.1.0'))).toMatchObject({ outcome: 'done' });
    expect(installed()).toBe('1.0.0');
    expect(await apply({ proof: { version: '1.1.0', at: NOW + 1_100_000 } })).toMatchObject({
      phase: 'kept',
    });
    expect(installed()).toBe('1.1.0');
    updater().tick();
    await expect.poll(() => events).toEqual(['update from 1.0.0 to 1.1.0: kept']);
    expect(await apply()).toBeUndefined();
  });

  it('is taken back when the new version never counts, or only the old one says so', async () => {
    await stage(signed('1.1.0'));
    const old = { version: '1.1.0', at: NOW };
    expect(await apply({ proof: old })).toMatchObject({
      phase: 'rolled-back',
      reason: 'version 1.1.0 did not count in time',
    });
    expect(installed()).toBe('1.0.0');
  });

  it('is taken back when it cannot be installed', async () => {
    await stage(signed('1.1.0'));
    expect(await apply({ fail: /target/ })).toMatchObject({ phase: 'rolled-back', reason: 'dpkg: no' });
    expect(installed()).toBe('1.0.0');
  });

  it('goes on after a power cut in the middle of it', async () => {
    await stage(signed('1.1.0'));
    await expect(apply({ fail: /./ })).resolves.toMatchObject({ phase: 'failed' });
    const state = { ...(await readState(privileged)), phase: 'installing', reason: '' };
    writeFileSync(join(privileged, 'state.json'), JSON.stringify(state));
    expect(await apply()).toMatchObject({ phase: 'rolled-back' });
  });
});

describe('an update is refused', () => {
  const other = generateKeyPairSync('ed25519').privateKey;
  const cases: readonly [string, () => SignedManifest, RegExp][] = [
    ['with the signature of somebody else', () => signed('1.1.0', {}, other), /signature/],
    ['for another architecture', () => signed('1.1.0', { arch: 'arm64' }), /arm64/],
    ['that is older', () => signed('0.9.0'), /older/],
    ['that runs already', () => signed('1.0.0'), /runs already/],
    ['that needs a step between', () => signed('1.1.0', { minVersion: '1.0.5' }), /needs at least 1\.0\.5/],
    ['whose file is another', () => signed('1.1.0', { sha256: 'a'.repeat(64) }), /not the file/],
    ['whose file is longer', () => signed('1.1.0', { size: 10 }), /longer than the 10 bytes/],
    ['that is missing', () => signed('1.1.0', { file: 'x.deb' }), /404/],
  ];
  it.each(cases)('%s', async (_, target, message) => {
    await expect(stage(target())).rejects.toThrow(message);
    expect(existsSync(join(staging, 'request.json'))).toBe(false);
  });

  it('while nothing is counted, and without a certificate', async () => {
    await expect(stage(signed('1.1.0'), { options: { counting: false } })).rejects.toThrow(
      /nothing is counted/,
    );
    await expect(stage(signed('1.1.0'), { options: { enrolled: false } })).rejects.toThrow(
      /the answer is 401/,
    );
  });

  it('when it was made before one that was installed here, unless somebody says so', async () => {
    await stage(signed('1.1.0', { createdAt: NOW + 10_000 }));
    await apply();
    await expect(stage(signed('1.1.0'))).rejects.toThrow(/made before one/);
    expect(await stage(signed('0.9.0'), { allowDowngrade: true })).toMatchObject({ outcome: 'done' });
  });

  it('by the privileged step too, which does not believe what the agent staged', async () => {
    await stage(signed('1.1.0'));
    writeFileSync(join(staging, '1.1.0.deb'), Buffer.alloc(debs.get('1.1.0.deb')?.length ?? 0));
    await expect(apply()).rejects.toThrow(/not the file that was signed/);
    rmSync(join(staging, '1.1.0.deb'));
    symlinkSync(join(folder, '1.1.0.deb'), join(staging, '1.1.0.deb'));
    await expect(apply()).rejects.toThrow(/ELOOP/);
    const request = JSON.parse(readFileSync(join(staging, 'request.json'), 'utf8')) as object;
    writeFileSync(
      join(staging, 'request.json'),
      JSON.stringify({ ...request, target: signed('1.1.0', {}, other) }),
    );
    await expect(apply()).rejects.toThrow(/signature/);
    expect(installed()).toBe('1.0.0');
  });
});
