import { sql } from 'kysely';
import type { ReportNight, ReportPerson } from '../schema/reports.js';
import type { Queryable } from '../store/store.js';
import type { NotificationRow } from '../store/tables-notify.js';
import { groupBy } from './group.js';
import { nightAt, zonesOfPeople } from './nights.js';
import { dayName, type ReportSpan } from './span.js';

/**
 * What somebody can bear in a night. The SRE book (Beyer et al. 2016, chapter 11, "Being On-Call") allows two incidents per shift of
 * twelve hours, because one takes six hours with all that belongs to it; pages are counted here, because every one wakes somebody.
 */
export const MOST_PAGES_PER_NIGHT = 2;

/** Somebody was called: once for each step of the ladder, however many messages that took. */
export interface PageCall {
  /** Null for a contact that was removed. */
  readonly person: string | null;
  /** The incident, or the one that it was merged into. */
  readonly incident: string;
  /** Of its first message, UTC ms. */
  readonly at: number;
  /** IANA: of the person's schedule, else of the site of the incident. */
  readonly zone: string;
  /** Of every message. */
  readonly channels: NotificationRow['channel'][];
}

/**
 * Pages of a span: messages that reached a channel or may have. What was cancelled or replaced before it was sent, refused by the
 * channel, or gathered in a digest has called nobody.
 */
export async function pagesOf(db: Queryable, span: ReportSpan): Promise<PageCall[]> {
  const rows = await db
    .selectFrom('notification')
    .innerJoin('incident', 'incident.id', 'notification.incident')
    .leftJoin('user_contact', 'user_contact.id', 'notification.contact')
    .select(['notification.created_at as at', 'channel', 'contact', 'step', 'loop', 'user_contact.username'])
    .select(['incident.id', 'incident.merged_into', 'incident.time_zone'])
    // As it stands in the index, which a bound value would not match.
    .where(sql<boolean>`notification.kind = 'page'`)
    .where('notification.created_at', '>=', span.from)
    .where('notification.created_at', '<', span.to)
    .where('notification.state', 'in', ['sent', 'delivered', 'unknown'])
    .orderBy('notification.created_at')
    .execute();
  const zoneOf = await zonesOfPeople(db, span);
  const calls = new Map<string, PageCall>();
  for (const { at, channel, contact, step, loop, username: person, ...incident } of rows) {
    const key = JSON.stringify([person ?? contact, person === null, incident.id, step, loop]);
    const call = calls.get(key);
    if (call !== undefined) call.channels.push(channel);
    else {
      const zone = (person === null ? undefined : zoneOf(person, at)) ?? incident.time_zone;
      calls.set(key, {
        ...{ person, at, zone, channels: [channel] },
        incident: incident.merged_into ?? incident.id,
      });
    }
  }
  return [...calls.values()];
}

/** Nights in which somebody was called, the loudest first. */
export function nightsOf(calls: readonly PageCall[]): ReportNight[] {
  const groups = new Map<string, { night: number; calls: PageCall[] }>();
  for (const call of calls) {
    const night = nightAt(call.zone, call.at);
    if (night === undefined) continue;
    const key = JSON.stringify([call.person, night]);
    const group = groups.get(key) ?? { night, calls: [] };
    group.calls.push(call);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ night, calls: [first, ...more] }) => ({
      ...{ person: first?.person ?? null, night: dayName(night), zone: first?.zone ?? 'UTC' },
      ...summed(first === undefined ? [] : [first, ...more]),
    }))
    .map((night) => ({ ...night, loud: night.pages > MOST_PAGES_PER_NIGHT }))
    .sort((a, b) => b.pages - a.pages || b.night.localeCompare(a.night) || byName(a, b));
}

/** Everybody who was called, whoever was called most first. @param nights of the same calls */
export function peopleOf(calls: readonly PageCall[], nights: readonly ReportNight[]): ReportPerson[] {
  return [...groupBy(calls, ({ person }) => person)]
    .map(([person, theirs]) => {
      const dark = nights.filter((night) => night.person === person);
      return {
        ...{ person, ...summed(theirs), nights: dark.length },
        nightPages: dark.reduce((sum, { pages }) => sum + pages, 0),
        loudNights: dark.filter(({ loud }) => loud).length,
      };
    })
    .sort((a, b) => b.pages - a.pages || byName(a, b));
}

function summed(calls: readonly PageCall[]): Pick<ReportPerson, 'pages' | 'incidents' | 'channels'> {
  const channels: ReportPerson['channels'] = {};
  for (const channel of calls.flatMap((call) => call.channels))
    channels[channel] = (channels[channel] ?? 0) + 1;
  return { pages: calls.length, incidents: new Set(calls.map(({ incident }) => incident)).size, channels };
}

function byName(a: { person: string | null }, b: { person: string | null }): number {
  return (a.person ?? '').localeCompare(b.person ?? '');
}
