import { describe, expect, it } from 'vitest';
import type { AgentConfig } from '../config/config.js';
import { scrubber, withoutSecrets } from './secrets.js';

const credentials = { user: 'admin', password: 'tr0ub4dor & 3' };
const QUOTED = { user: 'x', password: 'say "friend"' };
const KEY = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIBRo\n-----END PRIVATE KEY-----\n';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const CONFIG = {
  gateway: 'lobby',
  password: 'correct-horse',
  pin: '246813',
  cameras: [{ id: 'door', credentials }, { id: 'yard' }, { id: 'gate', credentials: QUOTED }],
  tls: { certificate: 'public', key: KEY },
} as unknown as AgentConfig;
const scrub = scrubber(CONFIG);

describe('the last look at a text', () => {
  it.each([
    ['the gateway password', 'x correct-horse y', 'x *** y'],
    ['the PIN', '{"pin":"246813"}', '{"pin":"***"}'],
    ['a camera password', 'tr0ub4dor & 3', '***'],
    ['a camera password in an address', 'rtsp://h/tr0ub4dor%20%26%203', 'rtsp://h/***'],
    ['a camera password in JSON', JSON.stringify({ a: 'tr0ub4dor & 3' }), '{"a":"***"}'],
    ['a quoted secret in JSON', JSON.stringify({ a: 'say "friend"' }), '{"a":"***"}'],
    [
      'a key',
      JSON.stringify({ key: KEY }),
      `{"key":"-----BEGIN PRIVATE KEY-----\\n***\\n-----END PRIVATE KEY-----\\n"}`,
    ],
    ['the Basic login of the gateway', base64('lobby:correct-horse'), '***'],
    ['the Basic login of the technician', base64('technician:246813'), '***'],
    ['a Basic login', Buffer.from('admin:tr0ub4dor & 3').toString('base64'), '***'],
    [
      'a parameter of an address',
      'rtsp://h/s?channel=1&password=abc&x=2',
      'rtsp://h/s?channel=1&password=***&x=2',
    ],
  ])('takes out %s', (_, text, clean) => expect(scrub(text)).toBe(clean));

  it('leaves a number alone that only contains the PIN', () => {
    expect(scrub('{"bytes":12468130,"at":9246813}')).toBe('{"bytes":12468130,"at":9246813}');
  });
});

it('shows a configuration without its secrets, and which cameras have a login', () => {
  expect(withoutSecrets(CONFIG)).toEqual({
    gateway: 'lobby',
    password: '***',
    pin: '***',
    tls: '***',
    cameras: [
      { id: 'door', credentials: '***' },
      { id: 'yard', credentials: null },
      { id: 'gate', credentials: '***' },
    ],
  });
});
