import { describe, expect, test } from 'vitest';
import type { Outcome } from './message.js';
import { afterAttempt, MAX_ATTEMPTS, type Attempted, type Move } from './transitions.js';

const NOW = 1_000_000;
const row = (changes: Partial<Attempted> = {}): Attempted => ({
  ...{ attempts: 1, severity: 'high', deadlineAt: NOW + 3_600_000, duplicate: false, unwanted: false },
  ...changes,
});
const ok: Outcome = { kind: 'ok' };
const temp: Outcome = { kind: 'temp', error: 'x' };
const perm: Outcome = { kind: 'perm', error: 'x', contactFault: true };
const unknown: Outcome = { kind: 'unknown', error: 'x' };
const rests = (state: Move['state'], fallback = false): Move => ({ state, nextAt: null, fallback });

describe('after an attempt a message', () => {
  test.each<[string, Partial<Attempted>, Outcome, Move]>([
    ['is sent when it was taken', {}, ok, rests('sent')],
    ['is sent also when nobody needs it any more', { unwanted: true }, ok, rests('sent')],
    ['fails when it was refused, and the next contact is tried', {}, perm, rests('failed', true)],
    ['brings no next contact when nobody needs it any more', { unwanted: true }, perm, rests('failed')],
    [
      'waits when it was refused for now',
      {},
      temp,
      { state: 'queued', nextAt: NOW + 15_000, fallback: false },
    ],
    [
      'waits twice as long',
      { attempts: 3 },
      temp,
      { state: 'queued', nextAt: NOW + 60_000, fallback: false },
    ],
    [
      'waits as the receiver says',
      { attempts: 3 },
      { ...temp, retryAfterMs: 1000 },
      { state: 'queued', nextAt: NOW + 1000, fallback: false },
    ],
    [
      'waits until the deadline',
      { deadlineAt: NOW + 15_000 },
      temp,
      { state: 'queued', nextAt: NOW + 15_000, fallback: false },
    ],
    ['fails when it would wait past its deadline', { deadlineAt: NOW + 14_999 }, temp, rests('failed', true)],
    [
      'fails after the eighth attempt',
      { attempts: MAX_ATTEMPTS },
      { ...temp, retryAfterMs: 1 },
      rests('failed', true),
    ],
    ['is cancelled when nobody needs it any more', { unwanted: true }, temp, rests('cancelled')],
    ['is sent once more when nobody knows', {}, unknown, { state: 'unknown', nextAt: NOW, fallback: false }],
    [
      'also goes to the next contact when it is critical',
      { severity: 'critical' },
      unknown,
      { state: 'unknown', nextAt: NOW, fallback: true },
    ],
    [
      'stays unknown when nobody knows twice',
      { duplicate: true, severity: 'critical' },
      unknown,
      rests('unknown'),
    ],
    ['is cancelled, known or not, when nobody needs it', { unwanted: true }, unknown, rests('cancelled')],
    [
      'waits as ever when the resend was refused for now',
      { duplicate: true, attempts: 2 },
      temp,
      { state: 'queued', nextAt: NOW + 30_000, fallback: false },
    ],
  ])('%s', (_name, changes, outcome, move) => {
    expect(afterAttempt(row(changes), outcome, NOW, 0)).toEqual(move);
  });

  test('waits a quarter longer at most, so that not all come back at once', () => {
    expect(afterAttempt(row(), temp, NOW, 1).nextAt).toBe(NOW + 18_750);
  });
});
