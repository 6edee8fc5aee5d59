import { expect, test } from 'vitest';
import type { Scan } from './packets.js';
import { Traffic } from './traffic.js';

const SECOND = 1000;
const MIB = 2 ** 20;

const read = (packets: number, bytes = packets * 100): Scan => ({
  ...{ tooLarge: undefined, packets, messages: packets, bytes },
});

test('a day of records at the pace of receipts is never slowed, nor is one that comes at once', () => {
  const traffic = new Traffic();
  // 16 cameras with 4 lines: 461 batches of 200 records, 67 kB each, and as many acknowledgements.
  for (let batch = 0; batch < 461; batch++) expect(traffic.received('lobby', read(2, 67_400), 0)).toBe(0);
  // Months of backlog, as fast as the whole collector stores: small batches, and large ones.
  for (let batch = 0; batch < 20_000; batch++) {
    expect(traffic.received('gate', read(2, 33_700), (batch * SECOND) / 205)).toBe(0);
    expect(traffic.received('cellar', read(2, 67_400), (batch * SECOND) / 102.5)).toBe(0);
  }
  expect(traffic.of('gate')).toMatchObject({ messagesIn: 40_000, bytesIn: 674_000_000, slowedMs: 0 });
});

test('a flood is slowed to its rate, by packets or by bytes, and only the gateway that sends it', () => {
  const traffic = new Traffic();
  expect(traffic.received('lobby', read(5000), 0)).toBe(0);
  expect(traffic.received('lobby', read(500), 0)).toBe(SECOND);
  expect(traffic.received('gate', read(1), 0)).toBe(0);
  expect(traffic.received('cellar', read(1, 64 * MIB), 0)).toBe(0);
  expect(traffic.received('cellar', read(1, 16 * MIB), 0)).toBe(2 * SECOND);
  expect(traffic.of('lobby').slowedMs).toBe(SECOND);
  // Connecting again gives no new burst.
  const connection = {
    since: 0,
    address: '',
    protocol: 'tcp',
    login: 'password',
    bytesOut: () => 0,
  } as const;
  traffic.opened('lobby', connection);
  traffic.closed('lobby', connection);
  expect(traffic.received('lobby', read(500), SECOND)).toBe(SECOND);
  // After a rest there is a whole one.
  expect(traffic.received('lobby', read(5000), 60 * SECOND)).toBe(0);
});

test('who is too fast for five minutes without a rest has to go; with a rest it may stay', () => {
  const traffic = new Traffic();
  const flood = (from: number, seconds: number) => {
    for (let now = from; now < from + seconds * SECOND;) {
      const answer = traffic.received('lobby', read(6000), now);
      if (typeof answer === 'string') return { after: now - from, answer };
      now += Math.max(1, answer);
    }
    return undefined;
  };
  expect(flood(0, 290)).toBeUndefined();
  const found = flood(400 * SECOND, 600);
  expect(found?.answer).toContain('faster than its limit for 300 s');
  expect(found?.after).toBeGreaterThanOrEqual(300 * SECOND);
  expect(found?.after).toBeLessThan(320 * SECOND);
});

test('a gateway may come back a hundred times at once, and then once a second; a fleet comes at once', () => {
  const traffic = new Traffic();
  for (let tries = 0; tries < 120; tries++) expect(traffic.mayLogIn('lobby', 0)).toBe(true);
  expect(traffic.mayLogIn('lobby', 0)).toBe(false);
  expect(traffic.mayLogIn('lobby', SECOND)).toBe(true);
  expect(traffic.mayLogIn('lobby', SECOND)).toBe(false);
  expect(traffic.of('lobby').refused).toBe(2);
  for (let gateway = 0; gateway < 2000; gateway++) expect(traffic.mayLogIn(`g-${gateway}`, 0)).toBe(true);
});

test('a clock that is set back slows nobody and gives nothing away', () => {
  const traffic = new Traffic();
  expect(traffic.received('lobby', read(5000), 3600 * SECOND)).toBe(0);
  expect(traffic.received('lobby', read(500), 0)).toBe(SECOND);
  expect(traffic.received('lobby', read(0), SECOND)).toBe(0);
});

test('numbers add up over connections, and those of all gateways to totals', () => {
  const traffic = new Traffic();
  const place = { address: '192.0.2.1', protocol: 'tls', login: 'certificate' } as const;
  const first = { ...place, since: 5, bytesOut: () => 70 };
  const second = { ...place, since: 9, bytesOut: () => 30 };
  traffic.opened('lobby', first);
  traffic.opened('lobby', second);
  traffic.closed('lobby', first);
  traffic.received('lobby', read(3), 11);
  traffic.sent('lobby');
  traffic.sent('stranger');
  traffic.refused('lobby');
  traffic.refused('stranger');
  expect(traffic.of('lobby')).toMatchObject({
    ...{ connects: 2, bytesOut: 100, bytesIn: 300, messagesIn: 3, messagesOut: 1, refused: 1 },
    ...{ lastPacketAt: 11, connection: { since: 9 } },
  });
  traffic.received('gate', read(4), 12);
  expect(traffic.totals()).toMatchObject({ messagesIn: 7, bytesOut: 100, connects: 2 });
  traffic.closed('lobby', second);
  expect(traffic.of('lobby')).toMatchObject({ bytesOut: 100, connection: undefined });
  expect(traffic.of('stranger')).toMatchObject({ messagesIn: 0, connects: 0, lastPacketAt: null });
});
