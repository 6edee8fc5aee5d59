import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { signedManifestSchema, type SignedManifest } from '@headcount/shared';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { installUpdate } from '../src/update/install.js';
import { readPublicKey } from '../src/update/manifest.js';
import { agentPlaces, installerPlaces } from '../src/update/places.js';
import { Updater } from '../src/update/updater.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SIGN = [
  ...['--import', 'tsx', '--conditions', 'headcount-source'],
  join(ROOT, 'scripts/sign-release.ts'),
];
const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stdout.write('dpkg installs as root only: updates are not tested\n');

const base = mkdtempSync(join(tmpdir(), 'headcount-update-'));
const releases = join(base, 'releases');
const key = join(base, 'release-key.pem');
const signed = new Map<string, SignedManifest>();
let url = '';
const server = createServer((request, response) => {
  const file = join(releases, request.url ?? '');
  if (existsSync(file)) response.end(readFileSync(file));
  else response.writeHead(404).end();
});

/** A package of a few bytes that dpkg really installs; a broken one fails in its own script. */
async function build(version: string, broken = false): Promise<void> {
  const tree = join(base, `tree-${version}`);
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
  mkdirSync(join(tree, 'opt/headcount'), { recursive: true });
  writeFileSync(join(tree, 'opt/headcount/version'), version);
  const fields = ['Package: headcount-agent', `Version: ${version}`, 'Architecture: amd64'];
  const rest = ['Maintainer: Headcount <nobody@example.org>', 'Description: people counting agent', ''];
  writeFileSync(join(tree, 'DEBIAN/control'), [...fields, ...rest].join('\n'));
  if (broken) writeFileSync(join(tree, 'DEBIAN/preinst'), '#!/bin/false\n', { mode: 0o755 });
  const file = join(releases, `headcount-agent_${version}_amd64.deb`);
  await run('dpkg-deb', ['--build', '--root-owner-group', tree, file]);
  await run(process.execPath, [...SIGN, 'sign', file, '--key', join(base, 'release-key.private.pem')], {
    cwd: ROOT,
  });
  const text = readFileSync(file.replace('.deb', '.json'), 'utf8');
  signed.set(version, signedManifestSchema.parse(JSON.parse(text)));
}

beforeAll(async () => {
  if (!isRoot) return;
  mkdirSync(releases);
  await run(process.execPath, [...SIGN, 'keys', '--out', base], { cwd: ROOT });
  await build('1.0.0');
  await build('1.1.0');
  await build('1.2.0', true);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 120_000);
afterAll(() => {
  server.close();
  rmSync(base, { recursive: true });
});

describe.skipIf(!isRoot)('an update over the air (skipped without root)', () => {
  let box = '';
  let now = 0;
  let events: string[] = [];
  const inBox = (name: string) => join(box, name);
  const fallback = () => signed.get('1.0.0') as SignedManifest;
  const target = (version = '1.1.0') => signed.get(version) as SignedManifest;
  const installed = () => readFileSync(inBox('root/opt/headcount/version'), 'utf8');

  const updater = (version: string, well = true) =>
    new Updater({
      folder: inBox('agent'),
      installerFolder: inBox('installer'),
      publicKey: readPublicKey(key),
      version,
      arch: 'amd64',
      download: async (file, signal) => {
        const response = await fetch(`${url}/${file}`, { signal });
        return Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
      },
      well: () => well,
      event: (detail) => events.push(detail),
      monotonic: () => now,
      logger: pino({ level: 'silent' }),
    });
  const stage = (version?: string) =>
    updater('1.0.0').stage(
      { target: target(version), fallback: fallback(), allowDowngrade: false },
      AbortSignal.timeout(30_000),
    );
  const install = (probationMs: number) =>
    installUpdate({
      agentFolder: inBox('agent'),
      folder: inBox('installer'),
      publicKey: readPublicKey(key),
      root: inBox('root'),
      probationMs,
      now: Date.now,
      monotonic: () => performance.now(),
      say: () => undefined,
    });

  beforeEach(async () => {
    box = mkdtempSync(join(base, 'box-'));
    now = 0;
    events = [];
    for (const folder of ['updates', 'info'])
      mkdirSync(inBox(`root/var/lib/dpkg/${folder}`), { recursive: true });
    for (const file of ['status', 'available']) writeFileSync(inBox(`root/var/lib/dpkg/${file}`), '');
    const first = join(releases, 'headcount-agent_1.0.0_amd64.deb');
    await run('dpkg', [`--root=${inBox('root')}`, '--install', first]);
  });

  it('is fetched, installed, kept when the new version is well for two minutes, and told once', async () => {
    await stage();
    expect(statSync(agentPlaces(inBox('agent')).request).mode & 0o777).toBe(0o600);
    const done = install(60_000);
    const next = updater('1.1.0');
    for (let second = 0; second < 200 && events.length === 0; second++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      now += 1000;
      await next.tick();
      if (second === 100) expect(installed()).toBe('1.1.0');
      if (existsSync(agentPlaces(inBox('agent')).proof)) break;
    }
    expect(await done).toMatchObject({ phase: 'kept', from: '1.0.0', to: '1.1.0' });
    await next.tick();
    await next.tick();
    expect(events).toEqual(['update from 1.0.0 to 1.1.0 kept']);
    expect(await install(1000)).toBeUndefined();
  });

  it('is rolled back when the new version never becomes well', async () => {
    await stage();
    expect(await install(300)).toMatchObject({
      phase: 'rolled-back',
      detail: expect.stringContaining('not well') as string,
    });
    expect(installed()).toBe('1.0.0');
    await updater('1.0.0').tick();
    expect(events).toEqual([
      expect.stringMatching(/^update from 1.0.0 to 1.1.0 rolled-back: 1.1.0 was not well/),
    ]);
  });

  it('is rolled back when its own script fails', async () => {
    await stage('1.2.0');
    expect(await install(300)).toMatchObject({
      phase: 'rolled-back',
      detail: expect.stringContaining('dpkg') as string,
    });
    expect(installed()).toBe('1.0.0');
  });

  it('goes on where a power cut ended it', async () => {
    await stage();
    const places = installerPlaces(inBox('installer'));
    await install(300);
    // As if the power had gone after the new version was installed, before it could prove itself.
    const outcome = JSON.parse(readFileSync(places.outcome, 'utf8')) as object;
    writeFileSync(places.outcome, JSON.stringify({ ...outcome, phase: 'installing', detail: '' }));
    expect(await install(300)).toMatchObject({ phase: 'rolled-back' });
    expect(installed()).toBe('1.0.0');
  });

  it('is refused by the installer when the agent swapped the package, its signature, or left a link', async () => {
    const staged = inBox('agent/headcount-agent_1.1.0_amd64.deb');
    await stage();
    writeFileSync(staged, 'evil');
    await expect(install(300)).rejects.toThrow(/not the file that its manifest describes/);
    rmSync(staged);
    await stage();
    rmSync(staged);
    symlinkSync('/etc/hostname', staged);
    await expect(install(300)).rejects.toThrow(/cannot be taken over/);
    rmSync(staged);
    await stage();
    const request = agentPlaces(inBox('agent')).request;
    const forged = {
      target: { ...target(), signature: fallback().signature },
      fallback: fallback(),
      allowDowngrade: false,
    };
    writeFileSync(request, JSON.stringify(forged));
    await expect(install(300)).rejects.toThrow(/signature/);
    expect(installed()).toBe('1.0.0');
  });

  it('is refused by the agent when the server sends something else or nothing', async () => {
    const file = join(releases, 'headcount-agent_1.1.0_amd64.deb');
    const genuine = readFileSync(file);
    try {
      writeFileSync(file, Buffer.concat([genuine, Buffer.from('more')]));
      await expect(stage()).rejects.toThrow(/larger than its manifest/);
      writeFileSync(file, genuine.subarray(1));
      await expect(stage()).rejects.toThrow(/not the file/);
    } finally {
      writeFileSync(file, genuine);
    }
    expect(existsSync(agentPlaces(inBox('agent')).request)).toBe(false);
    expect(existsSync(inBox('agent/headcount-agent_1.1.0_amd64.deb.part'))).toBe(false);
  });
});
