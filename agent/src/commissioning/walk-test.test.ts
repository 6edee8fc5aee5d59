import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventRecordSchema, type EventRecord } from '@headcount/shared';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deviceKey } from './device-key.js';
import { WalkTests, type SignedWalkTest, type Walked } from './walk-test.js';

function setUp() {
  const dataDir = mkdtempSync(join(tmpdir(), 'headcount-walk-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const sent: EventRecord[] = [];
  let totals: Walked = { in: 100, out: 90 };
  const tests = new WalkTests({
    gateway: 'lobby',
    key: deviceKey(dataDir),
    totals: (camera, line) => (camera === 'door' && line === 'a' ? totals : undefined),
    versions: () => ({ configVersion: 'c'.repeat(12), modelHash: 'f'.repeat(64) }),
    write: (records) => sent.push(...records),
    now: () => Date.UTC(2026, 10, 24, 12),
  });
  const walk = (counted: Walked) => (totals = { in: totals.in + counted.in, out: totals.out + counted.out });
  return { dataDir, sent, tests, walk };
}

describe('a walk test', () => {
  it('counts from its start, and its signed result reaches the collector', () => {
    const { dataDir, sent, tests, walk } = setUp();
    expect(tests.start('door', 'a')?.counted).toEqual({ in: 0, out: 0 });
    walk({ in: 10, out: 9 });
    expect(tests.running()?.counted).toEqual({ in: 10, out: 9 });
    walk({ in: 0, out: 1 });
    tests.finish({ in: 10, out: 10 });
    const [record] = sent;
    expect(eventRecordSchema.safeParse(record).success).toBe(true);
    const { result, signature, publicKey } = JSON.parse(record?.detail ?? '') as SignedWalkTest;
    expect(result).toMatchObject({ passed: true, counted: { in: 10, out: 10 }, gateway: 'lobby', line: 'a' });
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    const proof = Buffer.from(signature, 'base64');
    expect(verify(null, Buffer.from(JSON.stringify(result)), key, proof)).toBe(true);
    const forged = { ...result, counted: { in: 11, out: 10 } };
    expect(verify(null, Buffer.from(JSON.stringify(forged)), key, proof)).toBe(false);
    expect(deviceKey(dataDir).publicKey).toBe(publicKey);
    expect(statSync(join(dataDir, 'device-key.pem')).mode & 0o777).toBe(0o600);
    expect(tests.running()).toBeUndefined();
  });

  it('fails when a direction differs, also where the sum is right', () => {
    const { tests, walk } = setUp();
    tests.start('door', 'a');
    walk({ in: 9, out: 11 });
    expect(tests.finish({ in: 10, out: 10 })?.result.passed).toBe(false);
  });

  it('is of one line that exists, and is finished once', () => {
    const { tests } = setUp();
    expect(tests.start('door', 'b')).toBeUndefined();
    tests.start('door', 'a');
    tests.cancel();
    expect(tests.finish({ in: 0, out: 0 })).toBeUndefined();
  });

  it('does not sign with a file that is no key', () => {
    const { dataDir } = setUp();
    writeFileSync(join(dataDir, 'device-key.pem'), 'nonsense');
    expect(() => deviceKey(dataDir)).toThrow('device-key.pem is no Ed25519 private key');
  });
});
