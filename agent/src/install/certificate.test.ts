import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, makeCertificate } from './certificate.js';
import { addressesOf } from './host-facts.js';
import { CERTIFICATE_FILE, ensureCertificate, KEY_FILE } from './make-certificate.js';

const NAMES = { hostname: 'gw-lobby', addresses: ['192.0.2.7', '2001:db8::7'] };
const NOW = Date.UTC(2026, 1, 28, 12);

describe('the status page certificate', () => {
  it('names the host and its addresses, is no authority, and lasts ten years', async () => {
    const { certificate, key } = await makeCertificate(NAMES, NOW);
    const x509 = new X509Certificate(certificate);
    expect(x509.checkHost('gw-lobby')).toBe('gw-lobby');
    expect(x509.checkHost('gw-lobby.local')).toBe('gw-lobby.local');
    expect(x509.checkHost('other')).toBeUndefined();
    expect(x509.checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(x509.checkIP('2001:db8::7')).toBe('2001:db8::7');
    expect(x509.ca).toBe(false);
    expect(x509.verify(x509.publicKey)).toBe(true);
    expect(x509.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(x509.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(new Date(x509.validFrom).getTime()).toBe(NOW - 24 * 3_600_000);
    expect(new Date(x509.validTo).toISOString()).toBe('2036-02-28T12:00:00.000Z');
  });

  it('is made once, its key for the owner only; a second call keeps what the label says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headcount-certificate-'));
    const call = (again: boolean) => ensureCertificate({ folder, names: NAMES, again, now: NOW });
    const first = await call(false);
    expect(first.made).toBe(true);
    expect(first.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(statSync(join(folder, KEY_FILE)).mode & 0o777).toBe(0o600);
    expect(await call(false)).toEqual({ made: false, fingerprint: first.fingerprint });
    const renewed = await call(true);
    expect(renewed.made).toBe(true);
    expect(renewed.fingerprint).not.toBe(first.fingerprint);
    expect(fingerprintOf(readFileSync(join(folder, CERTIFICATE_FILE), 'utf8'))).toBe(renewed.fingerprint);
  });
});

describe('addresses of the box', () => {
  it('are those that another machine can reach, each once', () => {
    const ports = [
      { address: '127.0.0.1', internal: true, mac: '00:00:00:00:00:00' },
      { address: '192.0.2.7', internal: false, mac: '02:00:00:00:00:07' },
      { address: 'fe80::1', internal: false, mac: '02:00:00:00:00:07' },
      { address: '169.254.3.4', internal: false, mac: '02:00:00:00:00:08' },
      { address: '192.0.2.7', internal: false, mac: '02:00:00:00:00:07' },
    ];
    expect(addressesOf(ports)).toEqual({ addresses: ['192.0.2.7'], mac: '02:00:00:00:00:07' });
    expect(addressesOf([])).toEqual({ addresses: [], mac: undefined });
  });
});
