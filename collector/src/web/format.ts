/** Time of day with its zone, for example "16:49:41 GMT+7". */
export function timeWithZone(at: number, language: string, zone?: string): string {
  return new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    ...(zone !== undefined && { timeZone: zone }),
  }).format(at);
}

/** Date and time with its zone, for example "24 Nov 2026, 16:49 GMT+7". */
export function dateTimeWithZone(at: number, language: string, zone?: string): string {
  return new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    ...(zone !== undefined && { timeZone: zone }),
  }).format(at);
}

/** A label of the chart's time axis in the site's zone. */
export function bucketLabel(
  at: number,
  bucket: 'minute' | 'hour' | 'day',
  language: string,
  zone: string,
): string {
  const parts: Intl.DateTimeFormatOptions =
    bucket === 'day'
      ? { day: 'numeric', month: 'numeric' }
      : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  return new Intl.DateTimeFormat(language, { ...parts, timeZone: zone }).format(at);
}

/** A number as the language writes it. */
export function number(value: number, language: string, digits = 0): string {
  return new Intl.NumberFormat(language, {
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  }).format(value);
}

/** Percent without a false 100: 99.96 % is not all. */
export function percent(share: number): number {
  return share >= 1 ? 100 : Math.min(99, Math.round(share * 100));
}
