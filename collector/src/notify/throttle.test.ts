import { expect, test } from 'vitest';
import { Throttle } from './throttle.js';

const NOW = 1_000_000;
const slack = (contact: string, severity: 'critical' | 'high' = 'high') =>
  ({ contact, channel: 'slack', address: 'C012AB3CD', severity }) as const;

test('a channel of Slack takes one message a second, whoever it is for and however urgent', () => {
  const throttle = new Throttle();
  expect(throttle.take(slack('lan'), NOW)).toBe(0);
  expect(throttle.take(slack('minh', 'critical'), NOW + 500)).toBeGreaterThan(0);
  expect(throttle.take(slack('minh', 'critical'), NOW + 1000)).toBe(0);
  expect(throttle.take({ ...slack('lan'), address: 'C0OTHER' }, NOW + 1000)).toBe(0);
});

test('a phone rings three times, then once a minute, unless it is critical', () => {
  const throttle = new Throttle();
  const call = { contact: 'lan', channel: 'voice', address: '+84901234567', severity: 'high' } as const;
  for (let times = 0; times < 3; times++) expect(throttle.take(call, NOW)).toBe(0);
  expect(throttle.take(call, NOW)).toBeGreaterThan(0);
  expect(throttle.take({ ...call, severity: 'critical' }, NOW)).toBe(0);
  expect(throttle.take({ ...call, contact: 'minh' }, NOW)).toBe(0);
  expect(throttle.take(call, NOW + 60_000)).toBe(0);
});

test('an address rests for as long as its provider says', () => {
  const throttle = new Throttle();
  throttle.pause({ channel: 'discord', address: 'https://discord.example/1' }, NOW + 1250);
  const post = {
    contact: 'lan',
    channel: 'discord',
    address: 'https://discord.example/1',
    severity: 'critical',
  } as const;
  expect(throttle.take(post, NOW)).toBe(1250);
  expect(throttle.take(post, NOW + 1250)).toBe(0);
});
