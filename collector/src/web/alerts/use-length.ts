import { useTranslation } from 'react-i18next';
import { number } from '../format.js';

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

/** Writes a length of time in the largest unit that it fills. */
export function useLengths(): (seconds: number) => string {
  const { t, i18n } = useTranslation();
  const show = (value: number) => number(value, i18n.language, Number.isInteger(value) ? 0 : 1);
  return (seconds) => {
    if (seconds >= 2 * DAY_S) return t('alertRule.days', { value: show(seconds / DAY_S) });
    if (seconds >= HOUR_S) return t('alertRule.hours', { value: show(seconds / HOUR_S) });
    if (seconds >= MINUTE_S) return t('alertRule.minutes', { value: show(seconds / MINUTE_S) });
    return t('alertRule.seconds', { value: show(seconds) });
  };
}

export function useLength(seconds: number): string {
  return useLengths()(seconds);
}
