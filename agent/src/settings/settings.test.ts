import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cameraSchema } from '../config/camera-config.js';
import type { AgentConfig, CameraConfig } from '../config/config.js';
import { checkDesired, layDesired } from './desired-layer.js';
import { diffConfig } from './diff.js';
import { Settings } from './settings.js';

const dataDir = mkdtempSync(join(tmpdir(), 'headcount-settings-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

const LINE = { id: 'a', name: 'A', from: [0.2, 0.5], to: [0.8, 0.5] };

function camera(id: string, changes: Record<string, unknown> = {}, login = false): CameraConfig {
  const fields = { id, name: id, url: `rtsp://192.0.2.1/${id}`, lines: [LINE], ...changes };
  return {
    ...cameraSchema.parse(fields),
    credentials: login ? { user: 'user', password: 'hunter2' } : undefined,
  };
}

function file(cameras: readonly CameraConfig[], changes: Partial<AgentConfig> = {}): AgentConfig {
  return {
    gateway: 'lobby',
    collector: { url: 'mqtt://127.0.0.1:1883' },
    dataDir,
    status: { host: '127.0.0.1', port: 0 },
    detector: { model: 'm', family: 'auto', precision: 'auto', threads: 1, threshold: 0.5 },
    logLevel: 'info',
    cameras,
    password: 'p',
    pin: '123456',
    tls: undefined,
    version: 'file',
    ...changes,
  };
}

function layer(base: AgentConfig, wanted: unknown) {
  const checked = checkDesired(base, wanted);
  if ('problems' in checked) throw new Error(JSON.stringify(checked.problems));
  return checked.layer;
}

describe('a desired configuration', () => {
  const base = file([camera('door'), camera('hall', {}, true)]);

  it('changes the fields that it names, adds cameras, and gives a version of its own', () => {
    const cameras = [
      { id: 'door', fps: 5 },
      { id: 'yard', name: 'Yard', url: 'rtsp://192.0.2.1/yard', lines: [LINE] },
    ];
    const { config } = layDesired(base, layer(base, { logLevel: 'debug', cameras }));
    expect(config.cameras.map(({ id, fps }) => [id, fps])).toEqual([
      ['door', 5],
      ['hall', 10],
      ['yard', 10],
    ]);
    expect(config.logLevel).toBe('debug');
    expect(config.version).not.toBe('file');
    expect(layDesired(base, layer(base, {})).config.version).toBe('file');
  });

  it('is overridden, field by field, by whoever edits the file later', () => {
    const kept = layer(base, { cameras: [{ id: 'door', fps: 5, tiles: '2x1' }] });
    const edited = file([camera('door', { fps: 8 }), camera('hall')]);
    const { config, overridden } = layDesired(edited, kept);
    expect(config.cameras[0]).toMatchObject({ fps: 8, tiles: '2x1' });
    expect(overridden).toEqual(['cameras.door.fps']);
  });

  it('does not bring back a camera that was taken out of the file later', () => {
    const kept = layer(base, { cameras: [{ id: 'door', fps: 5 }] });
    const { config, overridden } = layDesired(file([camera('hall')]), kept);
    expect(config.cameras.map(({ id }) => id)).toEqual(['hall']);
    expect(overridden).toEqual(['cameras.door']);
  });

  const bad: readonly [string, unknown, RegExp][] = [
    ['a value out of range', { cameras: [{ id: 'door', fps: 99 }] }, /cameras\.door\.fps.*30/],
    ['an unknown field', { cameras: [{ id: 'door', colour: 1 }] }, /cameras\.door.*colour/],
    ['what is not for the collector', { gateway: 'x' }, /gateway/],
    ['a new camera without an address', { cameras: [{ id: 'yard', name: 'Y' }] }, /cameras\.yard\.url/],
    [
      'a file of the gateway',
      { cameras: [{ id: 'door', credentialsFile: '/etc/shadow' }] },
      /credentialsFile/,
    ],
    ['a local path', { cameras: [{ id: 'door', url: '/etc/passwd' }] }, /cameras\.door\.url.*rtsp/],
    [
      'another host for a camera with a login',
      { cameras: [{ id: 'hall', url: 'rtsp://192.0.2.66/hall' }] },
      /cameras\.hall\.url.*another host/,
    ],
    ['one camera twice', { cameras: [{ id: 'door' }, { id: 'door' }] }, /cameras\.door.*twice/],
  ];
  it.each(bad)('is refused for %s', (_, wanted, problem) => {
    const checked = checkDesired(base, wanted);
    expect('problems' in checked && JSON.stringify(checked.problems)).toMatch(problem);
  });
});

describe('what was drawn on the gateway', () => {
  it('stands against an earlier wish, and gives way to a later one', async () => {
    const base = file([camera('door')]);
    const moved = (y: number) => [{ ...LINE, from: [0.2, y], to: [0.8, y] }];
    const settings = new Settings({
      file: base,
      desired: layer(base, { cameras: [{ id: 'door', lines: moved(0.6) }] }),
    });
    const drawnLines = camera('door', { lines: moved(0.7) }).lines;
    await settings.draw('door', { lines: drawnLines, zones: [] });
    expect(settings.effective().cameras[0]?.lines[0]?.from).toEqual([0.2, 0.7]);
    expect(settings.overridden()).toEqual(['cameras.door.lines']);
    settings.setDesired(layer(base, { cameras: [{ id: 'door', lines: moved(0.8) }] }));
    expect(settings.effective().cameras[0]?.lines[0]?.from).toEqual([0.2, 0.8]);
    expect(settings.overridden()).toEqual([]);
  });
});

describe('the difference of two configurations', () => {
  const old = file([camera('door'), camera('hall'), camera('gone')]);

  it('names what must happen to which camera, and what waits for a restart', () => {
    const next = file([camera('door', { name: 'Main door' }), camera('hall', { fps: 5 }), camera('new')], {
      logLevel: 'debug',
      detector: { ...old.detector, threshold: 0.4 },
      pin: '654321',
    });
    expect(diffConfig(old, next)).toEqual({
      cameras: [
        { id: 'gone', kind: 'remove', fields: [] },
        { id: 'door', kind: 'relabel', fields: ['name'] },
        { id: 'hall', kind: 'replace', fields: ['fps'] },
        { id: 'new', kind: 'add', fields: [] },
      ],
      logLevel: true,
      restart: ['detector.threshold', 'pin'],
    });
  });

  it('tells a new word on a line from a line that moved', () => {
    const kinds = (line: object) =>
      diffConfig(
        file([camera('door')]),
        file([camera('door', { lines: [{ ...LINE, ...line }] })]),
      ).cameras.map(({ kind }) => kind);
    expect(kinds({ name: 'B' })).toEqual(['relabel']);
    expect(kinds({ to: [0.9, 0.5] })).toEqual(['replace']);
    expect(kinds({})).toEqual([]);
  });
});
