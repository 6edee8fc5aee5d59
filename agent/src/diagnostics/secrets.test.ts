import { describe, expect, it } from 'vitest';
import type { AgentConfig } from '../config/config.js';
import { scrubber, withoutSecrets } from './secrets.js';

const credentials = { user: 'admin', password: 'tr0ub4dor & 3' };
const CONFIG = {
  gateway: 'lobby',
  password: 'correct-horse',
  pin: '246813',
  cameras: [{ id: 'door', credentials }, { id: 'yard' }],
} as unknown as AgentConfig;
const scrub = scrubber(CONFIG);

describe('the last look at a text', () => {
  it.each([
    ['the gateway password', 'x correct-horse y', 'x *** y'],
    ['the PIN', '{"pin":"246813"}', '{"pin":"***"}'],
    ['a camera password', 'tr0ub4dor & 3', '***'],
    ['a camera password in an address', 'rtsp://h/tr0ub4dor%20%26%203', 'rtsp://h/***'],
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
    cameras: [
      { id: 'door', credentials: '***' },
      { id: 'yard', credentials: null },
    ],
  });
});
