/** How often a window comes, as the form offers it; `other` is a rule that only the API makes. */
export const REPEATS = ['once', 'daily', 'weekly', 'fortnightly', 'monthly'] as const;
export type Repeat = (typeof REPEATS)[number] | 'other';

const DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/**
 * The rule of a choice; of months it is the same weekday of the same week, and the last one for what begins in the fifth week.
 * @param start on the wall clock, such as 2026-03-02T01:00
 * @param until last day, such as 2026-12-31; empty for no end
 */
export function ruleOf(repeat: Exclude<Repeat, 'once' | 'other'>, start: string, until: string): string {
  const date = new Date(`${start}Z`);
  const day = DAYS[date.getUTCDay()] ?? '';
  const week = Math.ceil(date.getUTCDate() / 7);
  const rule = {
    daily: 'FREQ=DAILY',
    weekly: `FREQ=WEEKLY;BYDAY=${day}`,
    fortnightly: `FREQ=WEEKLY;INTERVAL=2;BYDAY=${day}`,
    monthly: `FREQ=MONTHLY;BYDAY=${week > 4 ? -1 : week}${day}`,
  }[repeat];
  return until === '' ? rule : `${rule};UNTIL=${until.replaceAll('-', '')}`;
}

/** The choice that a rule was made of, and its last day. */
export function repeatOf(rule: string, start: string): { repeat: Repeat; until: string } {
  const [, digits = ''] = /;UNTIL=(\d{8})$/.exec(rule) ?? [];
  const until = digits.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
  const repeat = REPEATS.find((one) => one !== 'once' && ruleOf(one, start, until) === rule);
  return { repeat: repeat ?? 'other', until };
}
