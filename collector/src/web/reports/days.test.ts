import { expect, test } from 'vitest';
import { daysOf } from './days.js';

test('presets end on the day that it is in the zone, across months and years', () => {
  const now = Date.parse('2026-01-01T20:00Z');
  expect(daysOf('week', 'UTC', now)).toEqual({ from: '2025-12-26', to: '2026-01-01', zone: 'UTC' });
  const zone = 'Asia/Ho_Chi_Minh';
  expect(daysOf('month', zone, now)).toEqual({ from: '2025-12-06', to: '2026-01-02', zone });
  expect(daysOf('last-month', zone, now)).toEqual({ from: '2025-12-01', to: '2025-12-31', zone });
  expect(daysOf('last-month', zone, Date.parse('2024-03-15T00:00Z')).to).toBe('2024-02-29');
});
