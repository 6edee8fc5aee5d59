import type { Days } from './reports-api.js';

/** Spans that people ask for with one touch. */
export const PRESETS = ['week', 'month', 'last-month'] as const;

/** The days of a preset that ends today, or of the month before this one. @param now UTC ms */
export function daysOf(preset: (typeof PRESETS)[number], zone: string, now: number): Days {
  const today = new Date(`${dayIn(zone, now)}T00:00Z`);
  const [year, month] = [today.getUTCFullYear(), today.getUTCMonth()];
  if (preset === 'last-month')
    return { from: name(Date.UTC(year, month - 1, 1)), to: name(Date.UTC(year, month, 0)), zone };
  const days = preset === 'week' ? 7 : 28;
  return { from: name(today.getTime() - (days - 1) * 24 * 3_600_000), to: name(today.getTime()), zone };
}

function dayIn(zone: string, at: number): string {
  // Swedes write dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeZone: zone }).format(at);
}

function name(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
