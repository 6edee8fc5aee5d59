/** Desired configurations with the real files of a gateway and time that is passed in. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReportedMessage } from '@headcount/shared';
import { pino } from 'pino';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../src/config/config.js';
import { ConfigChanges } from '../src/config-changes.js';
import { DesiredConfig, openSettings } from '../src/desired-config.js';
import { LogLevel } from '../src/log-level.js';
import type { CameraSample } from '../src/settings/rollback-watch.js';

const NOW = Date.UTC(2026, 10, 25);
const logger = pino({ level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'headcount-desired-'));
afterAll(() => rmSync(folder, { recursive: true }));
let dataDir = '';
beforeEach(() => (dataDir = mkdtempSync(join(folder, 'data-'))));

/** One start of an agent, without its cameras: which of them are started anew is noted. */
async function start() {
  const env = { HEADCOUNT_GATEWAY_PASSWORD: 'p', HEADCOUNT_STATUS_PIN: '123456' };
  const line = { id: 'a', name: 'A', from: [0.2, 0.5], to: [0.8, 0.5] };
  const cameras = ['door', 'hall'].map((id) => ({
    id,
    name: id,
    url: `rtsp://192.0.2.1/${id}`,
    lines: [line],
  }));
  const file = join(dataDir, 'agent.yaml');
  const collector = { url: 'mqtt://127.0.0.1:1883' };
  writeFileSync(file, JSON.stringify({ gateway: 'lobby', collector, dataDir, status: { port: 0 }, cameras }));
  const { settings, store } = await openSettings(loadConfig(file, env), logger);
  const replaced: string[] = [];
  const changes = new ConfigChanges({
    settings,
    cameras: {
      add: (_, id) => void replaced.push(id),
      remove: () => Promise.resolve(),
      replace: (_, id) => Promise.resolve(void replaced.push(id)),
      relabel: () => undefined,
      find: () => undefined,
    },
    logLevel: new LogLevel(logger, 'info'),
    onChanged: () => undefined,
    logger,
  });
  let clock = 0;
  let samples: CameraSample[] = [];
  const reports: ReportedMessage[] = [];
  const events: string[] = [];
  const desired: DesiredConfig = new DesiredConfig({
    store,
    settings,
    changes,
    samples: () => samples,
    now: () => NOW,
    monotonic: () => clock,
    report: () => reports.push(desired.reported()),
    event: (detail) => events.push(detail),
    logger,
  });
  desired.start();
  const pass = async (seconds: number, doorFps: number) => {
    samples = [
      { id: 'door', streaming: doorFps > 0, fps: doorFps, observed: doorFps > 0 },
      { id: 'hall', streaming: true, fps: 10, observed: true },
    ];
    for (let second = 0; second < seconds; second++, clock += 1000) desired.tick();
    // Whatever a tick began is done when the next thing in turn is.
    await desired.take({ v: 1, version: 1, at: NOW, settings: WANTED });
  };
  const fps = () => changes.config.cameras[0]?.fps;
  return { desired, pass, fps, replaced, reports, events };
}

const WANTED = { cameras: [{ id: 'door', fps: 5 }] };
const MESSAGE = { v: 1, version: 1, at: NOW, settings: WANTED } as const;

it('is kept when its camera goes on counting', async () => {
  const agent = await start();
  await agent.pass(0, 10);
  expect([agent.fps(), agent.replaced, agent.desired.reported().outcome]).toEqual([5, ['door'], 'trial']);
  await agent.pass(601, 5);
  expect([agent.fps(), agent.replaced, agent.desired.reported().outcome]).toEqual([5, ['door'], 'applied']);
});

it('is taken back by itself when its camera stops counting, and is not taken again', async () => {
  const agent = await start();
  await agent.desired.take(MESSAGE);
  await agent.pass(130, 0);
  expect(agent.fps()).toBe(10);
  expect(agent.replaced).toEqual(['door', 'door']);
  expect(agent.desired.reported()).toMatchObject({ version: 1, outcome: 'rolled-back' });
  expect(agent.events[0]).toContain('camera door');
  const again = await start();
  await again.desired.take(MESSAGE);
  expect([again.fps(), again.desired.reported().outcome]).toEqual([10, 'rolled-back']);
});

it('goes on with its trial after a clean stop, and is taken back after it too', async () => {
  const before = await start();
  await before.desired.take(MESSAGE);
  await before.pass(100, 5);
  await before.desired.stop();
  const kept = JSON.parse(readFileSync(join(dataDir, 'desired.json'), 'utf8')) as { trial: object };
  expect(kept.trial).toMatchObject({ touched: ['door'], elapsedMs: 100_000, starts: 0 });
  const after = await start();
  expect(after.fps()).toBe(5);
  await after.pass(130, 0);
  expect([after.fps(), after.desired.reported().outcome]).toEqual([10, 'rolled-back']);
});
