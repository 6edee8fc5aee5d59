import { expect, test } from 'vitest';
import { Attempts } from './attempts.js';

test('a key is refused after its limit, until its oldest failure leaves the window', () => {
  const attempts = new Attempts({ limit: 3, windowMs: 1000 });
  for (const at of [0, 100, 200]) {
    expect(attempts.refusedFor('key', at)).toBe(0);
    attempts.fail('key', at);
  }
  expect(attempts.refusedFor('key', 300)).toBe(700);
  expect(attempts.refusedFor('other', 300)).toBe(0);
  expect(attempts.refusedFor('key', 999)).toBe(1);
  expect(attempts.refusedFor('key', 1000)).toBe(0);
});

test('a success ends the count, and a forgiven failure was none', () => {
  const attempts = new Attempts({ limit: 2, windowMs: 1000 });
  attempts.fail('key', 0);
  attempts.fail('key', 1);
  attempts.forgive('key');
  expect(attempts.refusedFor('key', 2)).toBe(0);
  attempts.fail('key', 2);
  expect(attempts.refusedFor('key', 3)).toBeGreaterThan(0);
  attempts.succeed('key');
  expect(attempts.refusedFor('key', 3)).toBe(0);
});

test('forgiving a key that never failed changes nothing', () => {
  const attempts = new Attempts({ limit: 1, windowMs: 1000 });
  attempts.forgive('key');
  expect(attempts.refusedFor('key', 0)).toBe(0);
});

test('an attacker with many names cannot fill the memory: the oldest key is forgotten', () => {
  const attempts = new Attempts({ limit: 1, windowMs: 1000 });
  for (let index = 0; index <= 10_000; index++) attempts.fail(`key-${index}`, 0);
  expect(attempts.refusedFor('key-0', 1)).toBe(0);
  expect(attempts.refusedFor('key-1', 1)).toBe(999);
});
