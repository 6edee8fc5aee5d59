import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadConfig, type AgentConfig } from '../config/config.js';
import { diffConfig } from './diff.js';
import { Settings } from './settings.js';

const folder = mkdtempSync(join(tmpdir(), 'headcount-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const env = { HEADCOUNT_GATEWAY_PASSWORD: 'secret', HEADCOUNT_STATUS_PIN: '123456' };
const LINE = { id: 'a', name: 'A', from: [0.2, 0.5], to: [0.8, 0.5] };
const camera = (id: string, more: object = {}) => ({
  ...{ id, name: id, url: `rtsp://192.0.2.1/${id}`, lines: [LINE] },
  ...more,
});

/** What a configuration file with these cameras says. */
function file(cameras: readonly object[], more: object = {}): AgentConfig {
  const path = join(folder, 'agent.yaml');
  const dataDir = mkdtempSync(join(folder, 'data-'));
  writeFileSync(
    path,
    stringify({
      gateway: 'lobby',
      collector: { url: 'mqtt://192.0.2.9:1883' },
      dataDir,
      status: {},
      cameras,
      ...more,
    }),
  );
  return loadConfig(path, env);
}

function desired(settings: Settings, wanted: unknown): void {
  const checked = settings.check(wanted);
  if ('problems' in checked) throw new Error(JSON.stringify(checked.problems));
  settings.setDesired(checked.layer);
}

const find = (config: AgentConfig, id: string) => config.cameras.find((one) => one.id === id);

describe('what the collector wants', () => {
  it('changes the fields that it names and leaves everything else to the file', () => {
    const settings = new Settings({ file: file([camera('door'), camera('yard')]), desired: undefined });
    const before = settings.effective();
    desired(settings, { cameras: [{ id: 'door', fps: 5 }], logLevel: 'debug' });
    const after = settings.effective();
    expect(find(after, 'door')).toMatchObject({ fps: 5, name: 'door' });
    expect(find(after, 'yard')).toEqual(find(before, 'yard'));
    expect(after.logLevel).toBe('debug');
    expect(after.version).not.toBe(before.version);
    expect(diffConfig(before, after)).toEqual({
      cameras: [{ id: 'door', kind: 'replace', fields: ['fps'] }],
      logLevel: true,
      restart: [],
    });
  });

  it('loses a field to whoever edits that field in the file later, and says so', () => {
    const settings = new Settings({ file: file([camera('door')]), desired: undefined });
    desired(settings, { cameras: [{ id: 'door', fps: 5, enabled: false }] });
    settings.setFile(file([camera('door', { fps: 8 })]));
    expect(find(settings.effective(), 'door')).toMatchObject({ fps: 8, enabled: false });
    expect(settings.overridden()).toEqual(['cameras.door.fps']);
  });

  it('loses lines to whoever draws them on the status page later', async () => {
    const settings = new Settings({ file: file([camera('door')]), desired: undefined });
    desired(settings, { cameras: [{ id: 'door', lines: [{ ...LINE, from: [0.1, 0.4] }] }] });
    const drawn = find(settings.effective(), 'door');
    expect(drawn?.lines[0]?.from).toEqual([0.1, 0.4]);
    const lines = (drawn?.lines ?? []).map((line) => ({ ...line, name: 'Drawn' }));
    await settings.draw('door', { lines, zones: [] });
    expect(find(settings.effective(), 'door')?.lines[0]?.name).toBe('Drawn');
    expect(settings.overridden()).toEqual(['cameras.door.lines']);
  });

  it('can add a camera and take it away again', () => {
    const settings = new Settings({ file: file([camera('door')]), desired: undefined });
    desired(settings, { cameras: [camera('yard')] });
    const both = settings.effective();
    expect(both.cameras.map(({ id }) => id)).toEqual(['door', 'yard']);
    desired(settings, {});
    expect(diffConfig(both, settings.effective()).cameras).toEqual([
      { id: 'yard', kind: 'remove', fields: [] },
    ]);
  });

  it.each([
    ['an unknown field', { cameras: [{ id: 'door', fpss: 5 }] }, 'cameras.door'],
    ['a rate out of range', { cameras: [{ id: 'door', fps: 99 }] }, 'cameras.door.fps'],
    [
      'a login',
      { cameras: [{ id: 'door', credentialsFile: '/etc/shadow' }] },
      'cameras.door.credentialsFile',
    ],
    ['a file for a camera', { cameras: [{ id: 'door', url: '/etc/passwd' }] }, 'cameras.door.url'],
    ['a camera that is there twice', { cameras: [{ id: 'door' }, { id: 'door' }] }, 'cameras.door'],
    ['what belongs to the gateway', { collector: { url: 'mqtt://192.0.2.66' } }, '(whole)'],
    ['a threshold out of range', { detector: { threshold: 2 } }, 'detector.threshold'],
  ])('is refused with %s, and the path says where', (_, wanted, path) => {
    const settings = new Settings({ file: file([camera('door')]), desired: undefined });
    const checked = settings.check(wanted);
    expect('problems' in checked && checked.problems.map((problem) => problem.path)).toContain(path);
  });

  it('cannot send the login of a camera to another host', () => {
    const login = join(folder, 'login');
    writeFileSync(login, 'user:word');
    const settings = new Settings({
      file: file([camera('door', { credentialsFile: login })]),
      desired: undefined,
    });
    const wanted = (url: string) => settings.check({ cameras: [{ id: 'door', url }] });
    expect(wanted('rtsp://192.0.2.66/door')).toHaveProperty('problems.0.path', 'cameras.door.url');
    expect(wanted('rtsp://192.0.2.1/other')).toHaveProperty('layer');
  });
});

describe('the difference of two configurations', () => {
  it('is words only when a camera or a line gets another name', () => {
    const [one, other] = [
      file([camera('door')]),
      file([camera('door', { name: 'Front', lines: [{ ...LINE, name: 'B' }] })]),
    ];
    expect(diffConfig(one, { ...other, dataDir: one.dataDir }).cameras).toEqual([
      { id: 'door', kind: 'relabel', fields: ['name', 'lines'] },
    ]);
  });

  it('names what only a restart can change', () => {
    const [one, other] = [file([camera('door')]), file([camera('door')], { detector: { threads: 2 } })];
    expect(diffConfig(one, { ...other, dataDir: one.dataDir })).toMatchObject({
      cameras: [],
      restart: ['detector.threads'],
    });
  });
});
