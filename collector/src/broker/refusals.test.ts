import { pino } from 'pino';
import { expect, test } from 'vitest';
import { RefusalLog } from './refusals.js';

function setUp() {
  const lines: unknown[] = [];
  const clock = { now: 0 };
  const logger = pino(
    { base: null, timestamp: false },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  );
  return { lines, clock, log: new RefusalLog(logger, () => clock.now) };
}

test('the same refusal of the same peer is logged once in ten seconds, with how many were left out', () => {
  const { lines, clock, log } = setUp();
  for (let index = 0; index < 500; index++) log.note('login refused', '192.0.2.1');
  expect(lines).toHaveLength(1);
  clock.now = 10_000;
  log.note('login refused', '192.0.2.1', { problem: 'wrong password' });
  expect(lines[1]).toMatchObject({ peer: '192.0.2.1', problem: 'wrong password', leftOutBefore: 499 });
});

test('another peer and another reason are logged at once', () => {
  const { lines, log } = setUp();
  log.note('login refused', '192.0.2.1');
  log.note('login refused', '192.0.2.2');
  log.note('packet too large', '192.0.2.1');
  expect(lines).toHaveLength(3);
});

test('many peers together stay within twenty lines in ten seconds', () => {
  const { lines, clock, log } = setUp();
  for (let index = 0; index < 1000; index++) log.note('login refused', `192.0.2.${index}`);
  expect(lines).toHaveLength(20);
  clock.now = 10_000;
  log.note('login refused', '198.51.100.1');
  expect(lines[20]).toMatchObject({ leftOutBefore: 980 });
});
