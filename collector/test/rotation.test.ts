import { expect, test } from 'vitest';
import { gatewaySecrets, renewGatewayPassword } from '../src/fleet/fleet.js';
import { secretMatches } from '../src/security/secrets.js';
import { attempt } from './_util/attempt.js';
import { startCollector } from './_util/collector.js';

const HOUR = 3_600_000;
const login = (password: string) => ({ clientId: 'lobby', username: 'lobby', password });

test('a password that is replaced counts until its time is over, and one that was lost ends at once', async () => {
  const collector = await startCollector();
  const first = await collector.addGateway('lobby');
  const now = Date.now();
  const renew = (overlap: number) =>
    collector.withStore((store) => renewGatewayPassword(store, 'lobby', overlap, now));
  const second = await renew(HOUR);
  expect(await attempt(collector.mqttUrl, login(first))).toBe('accepted');
  expect(await attempt(collector.mqttUrl, login(second))).toBe('accepted');
  const counts = (password: string, at: number) =>
    collector.withStore(async (store) =>
      (await gatewaySecrets(store, 'lobby', at)).some((hash) => secretMatches(password, hash)),
    );
  expect([await counts(first, now + HOUR - 1), await counts(first, now + HOUR)]).toEqual([true, false]);
  expect(await counts(second, now + HOUR)).toBe(true);
  const third = await renew(0);
  for (const old of [first, second])
    expect(await attempt(collector.mqttUrl, login(old))).toContain('refused');
  expect(await attempt(collector.mqttUrl, login(third))).toBe('accepted');
});
