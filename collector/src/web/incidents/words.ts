import type { TFunction } from 'i18next';
import type { Severity } from '../../schema/incident-words.js';
import type { IncidentDetail } from '../../schema/incidents.js';

type Entry = IncidentDetail['timeline'][number];

/** Colours say the same as the word beside them. */
export const SEVERITY_COLORS: Readonly<Record<Severity, string>> = {
  ...{ critical: 'red.9', high: 'orange.9', medium: 'blue.9', low: 'gray.7' },
};

/** A text in the language of the page. */
export function inLanguage(text: { en: string; vi: string }, language: string): string {
  return language === 'vi' ? text.vi : text.en;
}

/** A length of time in its two largest units, such as "1 h 5 min". @param ms 0 or more */
export function span(ms: number, t: TFunction): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [
    ['days', Math.floor(seconds / 86_400)],
    ['hours', Math.floor(seconds / 3600) % 24],
    ['minutes', Math.floor(seconds / 60) % 60],
    ['seconds', seconds % 60],
  ] as const;
  const first = parts.findIndex(([, count]) => count > 0);
  const shown = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2).filter(([, count]) => count > 0);
  return shown.map(([unit, count]) => t(`span.${unit}`, { value: count })).join(' ');
}

/** What an entry of the timeline says, in words. */
export function sentence({ kind, data }: Entry, t: TFunction, language: string): string {
  const word = (key: string) => (typeof data[key] === 'string' ? data[key] : '');
  const title = data['title'] as { en: string; vi: string } | undefined;
  switch (kind) {
    case 'severity':
      return t('incident.did-severity', {
        from: t(`severity.${word('from')}`),
        to: t(`severity.${word('to')}`),
      });
    case 'timer':
      return t(`incident.did-timer-${word('timer')}`);
    case 'step':
      return t(data['done'] === true ? 'incident.did-step' : 'incident.did-unstep', {
        step: Number(data['position']) + 1,
      });
    case 'child':
      return t(data['merged'] === true ? 'incident.did-child' : 'incident.did-unchild', {
        incident: word('incident'),
      });
    case 'merge':
      return t('incident.did-merge', { incident: word('into') });
    case 'reopened-as':
      return t('incident.did-reopened-as', { incident: word('incident') });
    case 'lease-expired':
      return t('incident.did-lease-expired', { name: word('holder') });
    case 'alert-joined':
    case 'alert-resolved':
      return t(`incident.did-${kind}`, { alert: title === undefined ? '' : inLanguage(title, language) });
    case 'paged':
      return t('incident.did-paged', {
        level: Number(data['level']),
        people: (data['people'] as string[]).join(', '),
      });
    case 'review':
      return t(`incident.did-review-${word('move')}`);
    case 'action-item':
      return t(`incident.did-action-${word('step')}`);
    default:
      return t(`incident.did-${kind}`);
  }
}
