import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkTarget, compareVersions, openManifest, type Manifest } from './manifest.js';
import { isOver, nextPhase, PHASES } from './progress.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const MANIFEST: Manifest = {
  version: '1.2.0',
  arch: 'amd64',
  file: 'headcount-agent_1.2.0_amd64.deb',
  size: 10,
  sha256: 'a'.repeat(64),
  minVersion: '1.0.0',
  createdAt: 1000,
};
const signed = (content: unknown, key = privateKey) => {
  const manifest = JSON.stringify(content);
  return { manifest, signature: sign(null, Buffer.from(manifest), key).toString('base64') };
};

describe('a signed manifest', () => {
  it('is read when the publisher signed exactly this text', () => {
    expect(openManifest(signed(MANIFEST), publicKey)).toEqual(MANIFEST);
  });

  it.each([
    ['another key', signed(MANIFEST, generateKeyPairSync('ed25519').privateKey), /signature/],
    [
      'another text',
      { ...signed(MANIFEST), manifest: JSON.stringify({ ...MANIFEST, size: 11 }) },
      /signature/,
    ],
    ['a path for a name', signed({ ...MANIFEST, file: '../evil.deb' }), /file:/],
    ['a size beyond all packages', signed({ ...MANIFEST, size: 1e12 }), /size:/],
    ['a field that nobody knows', signed({ ...MANIFEST, run: 'sh' }), /run/],
  ])('is refused with %s', (_, one, message) => {
    expect(() => openManifest(one, publicKey)).toThrow(message);
  });
});

describe('a genuine release', () => {
  const installed = { version: '1.1.0', arch: 'amd64', newest: 500 };

  it('is taken when it is newer, for this machine, and allowed after this version', () => {
    expect(() => checkTarget(MANIFEST, installed, false)).not.toThrow();
  });

  it.each([
    ['for another machine', MANIFEST, { ...installed, arch: 'arm64' }, /is for amd64/],
    ['of this version', MANIFEST, { ...installed, version: '1.2.0' }, /installed already/],
    ['older than this version', MANIFEST, { ...installed, version: '1.3.0' }, /downgrade/],
    ['that needs another one first', MANIFEST, { ...installed, version: '0.9.0' }, /at least 1.0.0/],
    ['made before one that was had', MANIFEST, { ...installed, newest: 2000 }, /replay/],
  ])('%s is refused', (_, target, where, message) => {
    expect(() => checkTarget(target, where, false)).toThrow(message);
  });

  it('that is older is taken when that was asked for', () => {
    expect(() =>
      checkTarget(MANIFEST, { ...installed, version: '1.10.0', newest: 2000 }, true),
    ).not.toThrow();
  });
});

it('versions are compared by number, not by letter', () => {
  expect(['1.10.0', '1.9.1', '0.9.9', '1.9.0'].sort(compareVersions)).toEqual([
    ...['0.9.9', '1.9.0', '1.9.1', '1.10.0'],
  ]);
});

describe('the phases of an update', () => {
  it('end kept when the new version proves itself', () => {
    expect(nextPhase(nextPhase('installing', 'installed'), 'proved')).toBe('kept');
  });

  it.each(['not-installed', 'time-over'] as const)('go back after %s', (event) => {
    const phase = event === 'time-over' ? 'probation' : 'installing';
    expect(nextPhase(nextPhase(phase, event), 'installed')).toBe('rolled-back');
  });

  it('never move again once they are over', () => {
    expect(PHASES.filter(isOver)).toEqual(['kept', 'rolled-back', 'failed']);
    expect(() => nextPhase('kept', 'time-over')).toThrow(RangeError);
  });
});
