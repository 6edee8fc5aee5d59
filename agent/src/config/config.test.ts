import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '@headcount/shared';
import { describe, expect, it } from 'vitest';
import { loadConfig } from './config.js';

const folder = mkdtempSync(join(tmpdir(), 'headcount-config-'));
const env = { HEADCOUNT_GATEWAY_PASSWORD: 'secret', HEADCOUNT_STATUS_PIN: '123456' };
const GOOD = `
gateway: lobby
collector: { url: "mqtt://127.0.0.1:1883" }
status: { port: 8686 }
cameras:
  - id: door
    name: Front door
    url: rtsp://127.0.0.1/door
    lines:
      - { id: a, name: A, from: [0.2, 0.5], to: [0.8, 0.5] }
`;

function write(text: string): string {
  const file = join(folder, 'agent.yaml');
  writeFileSync(file, text);
  return file;
}

function problems(text: string, environment: Record<string, string> = env): readonly string[] {
  try {
    loadConfig(write(text), environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('a good configuration', () => {
  it('is complete with its defaults, frozen, and has a version that follows its content', () => {
    const config = loadConfig(write(GOOD), env);
    expect(config).toMatchObject({ password: 'secret', pin: '123456', logLevel: 'info' });
    expect(config.cameras[0]).toMatchObject({ fps: 10, enabled: true });
    expect(Object.isFrozen(config)).toBe(true);
    expect(loadConfig(write(GOOD), env).version).toBe(config.version);
    expect(loadConfig(write(GOOD.replace('0.8', '0.7')), env).version).not.toBe(config.version);
  });

  it('is what deploy/agent.example.yaml holds', () => {
    const example = readFileSync(
      fileURLToPath(new URL('../../../deploy/agent.example.yaml', import.meta.url)),
      'utf8',
    );
    for (const name of ['gateway.password', 'status.pin', 'door.credentials']) {
      writeFileSync(join(folder, name), name === 'status.pin' ? '123456\n' : 'user:word\n');
    }
    const [certFile, keyFile] = [join(folder, 'status.crt'), join(folder, 'status.key')];
    const certificate = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-subj', '/CN=gw', '-days', '2'];
    execFileSync('openssl', [...certificate, '-out', certFile, '-keyout', keyFile], { stdio: 'ignore' });
    const config = loadConfig(write(example.replaceAll('/etc/headcount', folder)), {});
    expect(config.tls?.key).toBe(readFileSync(keyFile, 'utf8'));
    expect(config.cameras[0]?.credentials).toEqual({ user: 'user', password: 'word' });
  });
});

describe('a login by certificate', () => {
  const withLogin = (login: string) =>
    GOOD.replace('{ url: "mqtt://127.0.0.1:1883" }', `{ url: "mqtts://127.0.0.1:8883", ${login} }`);
  const pin = { HEADCOUNT_STATUS_PIN: '123456' };

  it('needs both files, TLS and no password', () => {
    const text = withLogin('certFile: /a, passwordFile: /b').replace('mqtts:', 'mqtt:');
    const found = problems(text, pin).join('\n');
    expect(found).toMatch(/collector.certFile \(line 3\): needs the other one/);
    expect(found).toMatch(/collector.url \(line 3\): must be mqtts:/);
    expect(found).toMatch(/collector.passwordFile \(line 3\): must go/);
  });

  it('names files that are not there or hold something else', () => {
    writeFileSync(join(folder, 'text'), 'no certificate');
    const text = withLogin(`caFile: ${folder}/text, certFile: /nowhere/a.crt, keyFile: ${folder}/text`);
    const found = problems(text, pin).join('\n');
    expect(found).toMatch(/collector.caFile \(line 3\): .*text holds no certificate/);
    expect(found).toMatch(/collector.certFile \(line 3\): \/nowhere\/a.crt .*\(ENOENT\)/);
    expect(found).toMatch(/collector.keyFile \(line 3\): .*text holds no private key/);
  });
});

describe('a bad configuration', () => {
  const bad: readonly [string, (text: string) => string, RegExp][] = [
    ['a misspelt field', (text) => text.replace('gateway:', 'gatway:'), /gateway/],
    [
      'a password in a camera address',
      (text) => text.replace('rtsp://', 'rtsp://user:pw@'),
      /cameras\[0\].url \(line 8\): must not hold a password/,
    ],
    [
      'an unknown scheme',
      (text) => text.replace('rtsp:', 'http:'),
      /must be an rtsp:\/\/ or rtsps:\/\/ address/,
    ],
    [
      'an impossible port',
      (text) => text.replace('127.0.0.1/', '127.0.0.1:99999/'),
      /cameras\[0\].url \(line 8\): is no address; check host and port/,
    ],
    [
      'an unknown way to decode',
      (text) => text.replace('    url:', '    decode: magic\n    url:'),
      /cameras\[0\].decode \(line 8\)/,
    ],
    [
      'a point outside the picture',
      (text) => text.replace('0.8', '1.8'),
      /cameras\[0\].lines\[0\].to\[0\] \(line 10\): .*<=1/,
    ],
    ['a line without length', (text) => text.replace('[0.8, 0.5]', '[0.2, 0.5]'), /draw a longer line/],
    ['no camera', (text) => text.replace(/cameras:[^]*/, 'cameras: []'), /must hold at least one camera/],
    [
      'a certificate that is not there',
      (text) => text.replace('port: 8686', 'port: 8686, tls: { certFile: /no.crt, keyFile: /no.key }'),
      /status.tls.certFile \(line 4\): \/no.crt cannot be read \(ENOENT\); make it with/,
    ],
    ['broken YAML', (text) => `${text}\n  - : [`, /line \d+: not valid YAML/],
  ];
  it.each(bad)('names %s', (_, change, message) => {
    expect(problems(change(GOOD)).join('\n')).toMatch(message);
  });

  it('names everything at once and never repeats a secret', () => {
    const text = GOOD.replace('lobby', 'Lobby!')
      .replace('rtsp://', 'rtsp://user:hunter2@')
      .replace('8686', '99999');
    const found = problems(text);
    expect(found).toHaveLength(3);
    expect(found.join()).not.toContain('hunter2');
  });

  it('names missing and bad secrets with their variable', () => {
    const found = problems(GOOD, { HEADCOUNT_STATUS_PIN: '12' }).join('\n');
    expect(found).toContain('set HEADCOUNT_GATEWAY_PASSWORD');
    expect(found).toContain('the PIN must be 6 to 12 digits');
  });

  it('names two cameras with one id', () => {
    const twice = GOOD + GOOD.slice(GOOD.indexOf('  - id: door'));
    expect(problems(twice).join()).toContain('"door" is used twice');
  });
});
