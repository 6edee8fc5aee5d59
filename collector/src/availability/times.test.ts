import { GAP_REASONS } from '@headcount/shared';
import { expect, it } from 'vitest';
import { availabilityOf, NO_TIME, sumOf, timesOf } from './times.js';

const HOUR = 3_600_000;

it('explains every reason that a gateway can give, once', () => {
  const gaps = GAP_REASONS.map((reason, index) => ({ reason, ms: 1000 * (index + 1) }));
  const gapMs = gaps.reduce((sum, { ms }) => sum + ms, 0);
  const { goodMs, badMs, unknownMs, maintenanceMs } = timesOf(HOUR, HOUR - gapMs, gaps);
  expect(goodMs + badMs + unknownMs + maintenanceMs).toBe(HOUR);
  expect([badMs, maintenanceMs]).toEqual([2000 + 3000 + 4000, 5000]);
});

it('is not flattered by time that nobody saw, nor by a camera that was switched off', () => {
  const half = timesOf(2 * HOUR, HOUR / 2, [
    { reason: 'backoff', ms: HOUR / 2 },
    { reason: 'disabled', ms: HOUR / 2 },
  ]);
  expect(availabilityOf(half)).toMatchObject({ availability: 0.5, coverage: 0.5, unknownMs: HOUR / 2 });
  expect(availabilityOf(timesOf(HOUR, 0, []))).toMatchObject({ availability: null, coverage: 0 });
  expect(availabilityOf(NO_TIME)).toMatchObject({ availability: null, coverage: null });
});

it('weighs cameras by their time', () => {
  const sum = sumOf([timesOf(HOUR, HOUR, []), timesOf(3 * HOUR, 0, [{ reason: 'stalled', ms: 3 * HOUR }])]);
  expect(availabilityOf(sum)).toMatchObject({ availability: 0.25, coverage: 1 });
});
