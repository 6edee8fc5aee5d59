/** The Debian package on a fresh Debian with a real systemd: install, count, hang, update, remove, purge. */
import { execFile, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { AgentStatus } from '../../agent/src/status/agent-status.js';
import { GatewayBox, noBoxBecause } from '../lib/gateway-box.js';
import { startRtspCamera, type RtspCamera } from '../lib/rtsp-camera.js';
import { CLIP_LINES, Stack } from '../lib/stack.js';

const CLIP = fileURLToPath(new URL('../../.cache/vtest.avi', import.meta.url));
const BUILD = fileURLToPath(new URL('../build-deb.sh', import.meta.url));
const FREEZE = fileURLToPath(new URL('../lib/freeze-thread.py', import.meta.url));
const LONG = process.env['HEADCOUNT_LONG_TESTS'] === '1';
const UNIT = 'headcount-agent.service';
const NEXT_VERSION = '99.0.0';
/** Instead of the unit's 60 s: three feeds come within 6 s, and a hang ends as soon. */
const WATCHDOG_S = 6;
const run = promisify(execFile);
const reason = noBoxBecause();

describe.skipIf(reason !== undefined)(
  `the package on a gateway${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'headcount-package-'));
    let packages: { now: string; next: string };
    let box: GatewayBox;
    let stack: Stack;
    let camera: RtspCamera;
    let pin = '';

    beforeAll(async () => {
      stack = await Stack.create(join(folder, 'stack'), { usualPorts: false, timeZone: 'UTC' });
      [packages, box, camera] = await Promise.all([
        buildPackages(folder),
        GatewayBox.boot(join(folder, 'box')),
        startRtspCamera({ clip: CLIP }),
        stack.startCollector(),
      ]);
    });

    afterAll(async () => {
      await box.stop();
      await stack.stop();
      await camera.stop();
      rmSync(folder, { recursive: true });
    });

    const show = async (property: string) =>
      (await box.must('systemctl', 'show', '--value', '--property', property, UNIT)).trim();
    const pid = async () => Number(await show('MainPID'));
    const install = async (file: string) => {
      copyFileSync(file, box.file('/root/package.deb'));
      return box.must('dpkg', '--force-unsafe-io', '--install', '/root/package.deb');
    };
    const modeOf = (path: string) => (statSync(box.file(path)).mode & 0o777).toString(8);

    async function status(): Promise<AgentStatus> {
      const get = request(`https://127.0.0.1:${stack.ports.status}/status`, {
        ca: readFileSync(box.file('/etc/headcount/status.crt')),
        // The name of the box stands in its certificate, the address of this machine's loopback does not.
        checkServerIdentity: () => undefined,
        auth: `technician:${pin}`,
        agent: false,
        signal: AbortSignal.timeout(5000),
      });
      get.end();
      const [answer] = (await once(get, 'response')) as [IncomingMessage];
      expect(answer.statusCode).toBe(200);
      return JSON.parse(await text(answer)) as AgentStatus;
    }

    /** What a technician does: the password of `gateway add`, the configuration, both for the agent's user. */
    async function configure(): Promise<void> {
      await stack.addGateway('lobby', [
        { id: 'door', name: 'Front door', url: camera.url, lines: CLIP_LINES },
      ]);
      const config = {
        gateway: 'lobby',
        collector: {
          url: `mqtt://127.0.0.1:${stack.ports.mqtt}`,
          passwordFile: '/etc/headcount/gateway.password',
        },
        status: {
          host: '0.0.0.0',
          port: stack.ports.status,
          pinFile: '/etc/headcount/status.pin',
          tls: { certFile: '/etc/headcount/status.crt', keyFile: '/etc/headcount/status.key' },
        },
        // Choosing takes seconds at each start and has a test of its own.
        detector: { precision: 'int8' },
        cameras: [{ id: 'door', name: 'Front door', url: camera.url, lines: CLIP_LINES }],
      };
      writeFileSync(box.file('/etc/headcount/agent.yaml'), stringify(config));
      writeFileSync(box.file('/etc/headcount/gateway.password'), stack.gatewayPassword, { mode: 0o600 });
      await box.must(
        'chown',
        'headcount:headcount',
        '/etc/headcount/agent.yaml',
        '/etc/headcount/gateway.password',
      );
    }

    it('installs: a user of its own, a PIN, a certificate, and says what comes next', async () => {
      const words = await install(packages.now);
      pin = readFileSync(box.file('/etc/headcount/status.pin'), 'utf8').trim();
      expect(words).toContain('/etc/headcount/agent.yaml');
      expect(words).toMatch(/SHA-256 fingerprint ([0-9A-F]{2}:){31}/);
      expect(words).not.toContain(pin);
      expect(readFileSync(box.file('/etc/headcount/status.pin'), 'utf8')).toMatch(/^\d{8}\n$/);
      expect(await box.must('stat', '-c', '%U %a', '/etc/headcount', '/var/lib/headcount')).toBe(
        'headcount 750\nheadcount 750\n',
      );
      expect([modeOf('/etc/headcount/status.pin'), modeOf('/etc/headcount/status.key')]).toEqual([
        '600',
        '600',
      ]);
      const units = [UNIT, 'headcount-agent-update.path', 'headcount-agent-update.service'];
      expect(await box.must('systemctl', 'is-enabled', ...units)).toBe('enabled\nenabled\nenabled\n');
      expect(await box.must('systemctl', 'is-active', 'headcount-agent-update.path')).toBe('active\n');
    });

    it('waits for a configuration without failing again and again', async () => {
      await box.must('systemctl', 'start', UNIT);
      expect([await show('ActiveState'), await show('NRestarts')]).toEqual(['inactive', '0']);
    });

    it('has a unit that systemd finds clean and well shut in', async () => {
      const file = `/usr/lib/systemd/system/${UNIT}`;
      const updates = ['path', 'service'].map((kind) => file.replace('.service', `-update.${kind}`));
      expect(await box.must('systemd-analyze', 'verify', file, ...updates)).toBe('');
      const report = await box.must(
        'systemd-analyze',
        ...['security', '--no-pager', '--offline=true', '--threshold=20', file],
      );
      expect(Number(/Overall exposure level .*: ([\d.]+)/.exec(report)?.[1])).toBeLessThanOrEqual(2);
    });

    it('counts a real camera as the unprivileged user, and tells systemd that it is ready', async () => {
      await configure();
      mkdirSync(box.file(`/etc/systemd/system/${UNIT}.d`));
      writeFileSync(
        box.file(`/etc/systemd/system/${UNIT}.d/test.conf`),
        `[Service]\nWatchdogSec=${WATCHDOG_S}\nRestartSec=1\n`,
      );
      await box.must('systemctl', 'daemon-reload');
      // Returns after READY=1, because of Type=notify.
      const started = await box.run('systemctl', 'start', UNIT);
      expect(started.code, started.text + (await journal())).toBe(0);
      expect([await show('ActiveState'), await show('StatusText')]).toEqual(['active', 'counting']);
      expect(await box.must('stat', '-c', '%U', `/proc/${await pid()}`)).toBe('headcount\n');
      await expect
        .poll(async () => (await status()).cameras[0]?.state, { timeout: 30_000 })
        .toBe('streaming');
      await expect.poll(counted, { timeout: 30_000 }).toBeGreaterThan(0);
      await expect.poll(async () => (await status()).uplink.state, { timeout: 10_000 }).toBe('online');
      const { host } = await status();
      // The sandbox leaves the figures of the machine readable.
      expect(host).toMatchObject({
        cpuPercent: expect.any(Number) as number,
        load1: expect.any(Number) as number,
      });
    });

    async function counted(): Promise<number> {
      const lines = (await status()).cameras[0]?.lines ?? [];
      return lines.reduce((sum, { totals }) => sum + totals.in + totals.out, 0);
    }

    it('can write to its own folders and nowhere else', async () => {
      const inside = ['--target', String(await pid()), '--mount', '--'];
      const writable = async (path: string) =>
        (await box.run('nsenter', ...inside, 'test', '-w', path)).code === 0;
      const paths = [
        '/etc/headcount',
        '/var/lib/headcount',
        '/tmp',
        '/etc',
        '/usr/lib/headcount',
        '/var/lib',
        '/home',
      ];
      expect(await Promise.all(paths.map(writable))).toEqual([true, true, true, false, false, false, false]);
    });

    it('installs nothing on the word of a key that the agent could have written', async () => {
      writeFileSync(box.file('/etc/headcount/update.pub'), 'x');
      await box.must('chown', 'headcount', '/etc/headcount/update.pub');
      const folders = ['--staging', '/var/lib/headcount/update', '--folder', '/var/lib/headcount-update'];
      const apply = ['apply-update', '--key', '/etc/headcount/update.pub', ...folders];
      const { code, text: said } = await box.run('headcount-agent', ...apply);
      expect([code, said]).toEqual([1, expect.stringContaining('must belong to root')]);
    });

    it('takes up a staged update at once, and says why it is none', async () => {
      const { publicKey } = generateKeyPairSync('ed25519');
      writeFileSync(box.file('/etc/headcount-update.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
      mkdirSync(box.file('/var/lib/headcount/update'), { recursive: true });
      writeFileSync(box.file('/var/lib/headcount/update/request.json'), '{"target":"no signature"}');
      const said = () => box.must('journalctl', '--no-pager', '--unit', 'headcount-agent-update.service');
      await expect.poll(said, { timeout: 20_000 }).toContain('request.json is not a request');
    });

    it('feeds the watchdog while it counts', async () => {
      const fed = () => show('WatchdogTimestampMonotonic');
      const [first, agent] = [await fed(), await pid()];
      await expect.poll(fed, { timeout: WATCHDOG_S * 1000 }).not.toBe(first);
      expect([await pid(), await show('NRestarts')]).toEqual([agent, '0']);
    });

    it('is started again when it hangs', async () => {
      const hung = await pid();
      await box.must('systemctl', 'kill', '--kill-who=main', '--signal=STOP', UNIT);
      await expect.poll(() => show('NRestarts'), { timeout: 30_000 }).toBe('1');
      await expect.poll(() => show('StatusText'), { timeout: 30_000 }).toBe('counting');
      expect(await pid()).not.toBe(hung);
      expect(await journal()).toContain('Watchdog timeout');
    });

    // 60 s of silence are what counting may take before it counts as stuck, so this is not for every run.
    it.runIf(LONG)('is started again when its detector hangs (HEADCOUNT_LONG_TESTS=1)', async () => {
      await expect
        .poll(async () => (await status()).cameras[0]?.state, { timeout: 30_000 })
        .toBe('streaming');
      const [restarts, hung] = [Number(await show('NRestarts')), await pid()];
      const freezer = spawn('python3', [FREEZE, String(box.outerPid(hung))], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        await once(freezer.stdout, 'data');
        // The agent itself still answers, as does its camera; only nobody is counted any more.
        expect((await status()).cameras[0]?.state).toBe('streaming');
        await expect.poll(() => show('StatusText'), { timeout: 90_000 }).toBe('stuck: counting door');
        await expect.poll(() => show('NRestarts'), { timeout: 30_000 }).toBe(String(restarts + 1));
        await expect.poll(() => show('StatusText'), { timeout: 30_000 }).toBe('counting');
      } finally {
        freezer.kill();
      }
    });

    it('keeps its configuration, PIN and counts through an update', async () => {
      const kept = ['agent.yaml', 'status.pin', 'status.crt', 'status.key', 'gateway.password'];
      const read = () => kept.map((name) => readFileSync(box.file(`/etc/headcount/${name}`), 'utf8'));
      const [files, told, agent] = [read(), await counted(), await pid()];
      await install(packages.next);
      expect(read()).toEqual(files);
      await expect.poll(async () => (await status()).version, { timeout: 30_000 }).toBe(NEXT_VERSION);
      expect(await pid()).not.toBe(agent);
      expect(await counted()).toBeGreaterThanOrEqual(told);
    });

    it('goes on counting when an update does not like the configuration', async () => {
      const file = box.file('/etc/headcount/agent.yaml');
      const good = readFileSync(file, 'utf8');
      const agent = await pid();
      writeFileSync(file, good.replace('gateway:', 'gatway:'));
      // What dpkg would call after it has unpacked a version.
      const postinst = ['sh', '/var/lib/dpkg/info/headcount-agent.postinst', 'configure', NEXT_VERSION];
      const words = await box.must('env', 'DPKG_MAINTSCRIPT_PACKAGE=headcount-agent', ...postinst);
      expect(words).toContain('gatway');
      expect(words).toContain('must be mended');
      expect(await pid()).toBe(agent);
      writeFileSync(file, good);
    });

    it('leaves configuration and counts when it is removed, and nothing when it is purged', async () => {
      await box.must('dpkg', '--remove', 'headcount-agent');
      expect(existsSync(box.file('/usr/lib/headcount'))).toBe(false);
      expect(await box.must('find', '/proc', '-maxdepth', '1', '-user', 'headcount')).toBe('');
      expect(readdirSync(box.file('/var/lib/headcount'))).toContain('outbox.sqlite');
      expect(readdirSync(box.file('/etc/headcount'))).toContain('agent.yaml');
      await box.must('dpkg', '--purge', 'headcount-agent');
      const left = [
        '/etc/headcount',
        '/etc/headcount-update.pub',
        '/var/lib/headcount',
        '/var/lib/headcount-update',
        `/usr/lib/systemd/system/${UNIT}`,
        '/usr/bin/headcount-agent',
      ];
      expect(left.filter((path) => existsSync(box.file(path)))).toEqual([]);
      expect((await box.run('getent', 'passwd', 'headcount')).code).not.toBe(0);
      expect((await box.run('dpkg', '--status', 'headcount-agent')).code).not.toBe(0);
    });

    it('wrote no secret into the journal', async () => {
      const log = await box.must('journalctl', '--no-pager');
      expect(log).toContain('headcount-agent[');
      expect([stack.gatewayPassword, pin].filter((secret) => log.includes(secret))).toEqual([]);
    });

    it('keeps onnxruntime from reporting to its maker', async () => {
      // Without certificates of authorities, as here, it complains as soon as it tries.
      expect(existsSync(box.file('/etc/ssl/certs/ca-certificates.crt'))).toBe(false);
      expect(await box.must('journalctl', '--no-pager')).not.toContain('telemetry');
    });

    async function journal(): Promise<string> {
      return box.must('journalctl', '--no-pager', '--unit', UNIT);
    }
  },
);

/** The package of this tree, and the same with a later version number. */
async function buildPackages(folder: string): Promise<{ now: string; next: string }> {
  const { stdout } = await run(BUILD, ['--out', folder]);
  const now = stdout.trim().split('\n').at(-1) ?? '';
  const tree = join(folder, 'next');
  await run('dpkg-deb', ['--raw-extract', now, tree]);
  for (const file of ['DEBIAN/control', 'usr/lib/headcount/agent/package.json']) {
    const before = readFileSync(join(tree, file), 'utf8');
    writeFileSync(join(tree, file), before.replace(/(Version: |"version": ")[\d.]+/, `$1${NEXT_VERSION}`));
  }
  const next = join(folder, 'next.deb');
  await run('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, next]);
  return { now, next };
}
