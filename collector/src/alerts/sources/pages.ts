import { gaps } from '../../oncall/gaps.js';
import { WEEKLY_TEST, type ChannelKind } from '../../schema/notification-words.js';
import type { Queryable } from '../../store/store.js';
import { collectorPart, DAY_MS, HOUR_MS, MINUTE_MS, type Sample, type Source } from '../signal.js';

const PERIOD_MS = 5000;
/** Pages that wait longer are stuck, and those of which nobody knows for longer whether they came; rule outbox-stuck. */
const STUCK_WAIT_S = 60;
const STUCK_UNKNOWN_MIN = 5;
/** How far ahead gaps are looked for; rule oncall-gap (h). */
const AHEAD_H = 14 * 24;
/** Weekly tests are looked for so far back: the newest of two weeks. */
const TESTS_BACK_MS = 15 * DAY_MS;

interface OldestPages {
  readonly channel: ChannelKind;
  /** Seconds since the oldest urgent page was queued that has not been sent. */
  readonly waitingS: number;
  /** Minutes since nobody knows whether the oldest page came. */
  readonly unknownMin: number;
}

/** The oldest page of each channel that waits, or of which nobody knows whether it came. */
async function oldestPages(db: Queryable, now: number): Promise<OldestPages[]> {
  const waiting = await db
    .selectFrom('notification')
    .select('channel')
    .select(({ fn }) => fn.min('created_at').as('since'))
    .where('next_at', 'is not', null)
    .where('state', '=', 'queued')
    .where('severity', 'in', ['critical', 'high'])
    .where('kind', '=', 'page')
    .groupBy('channel')
    .execute();
  const unknown = await db
    .selectFrom('notification')
    .innerJoin('notification_attempt', 'notification_attempt.notification', 'notification.id')
    .leftJoin('incident', 'incident.id', 'notification.incident')
    .select('channel')
    .select(({ fn }) => fn.min('notification_attempt.ended_at').as('since'))
    .where('notification.state', '=', 'unknown')
    .where('notification_attempt.outcome', '=', 'unknown')
    .where('notification.created_at', '>', now - DAY_MS)
    .where('notification.acked_at', 'is', null)
    // Once somebody has answered, it does not matter any more.
    .where((where) =>
      where.or([where('incident.status', 'is', null), where('incident.status', '=', 'triggered')]),
    )
    .groupBy('channel')
    .execute();
  const channels = new Set([...waiting, ...unknown].map(({ channel }) => channel));
  const sinceOf = (rows: typeof waiting, channel: ChannelKind) =>
    Math.max(0, now - (rows.find((row) => row.channel === channel)?.since ?? now));
  return [...channels].map((channel) => ({
    channel,
    waitingS: sinceOf(waiting, channel) / 1000,
    unknownMin: sinceOf(unknown, channel) / MINUTE_MS,
  }));
}

/** Channels by which pages do not get through at present, as rule outbox-stuck has it. @param now UTC ms */
export async function stuckChannels(db: Queryable, now: number): Promise<ReadonlySet<ChannelKind>> {
  const oldest = await oldestPages(db, now);
  const stuck = oldest.filter(
    ({ waitingS, unknownMin }) => waitingS > STUCK_WAIT_S || unknownMin > STUCK_UNKNOWN_MIN,
  );
  return new Set(stuck.map(({ channel }) => channel));
}

/** Whether pages get out, channel by channel. */
export const pageSource: Source = {
  signals: ['pages.waiting', 'pages.unknown'],
  periodMs: PERIOD_MS,
  async read(store, now) {
    const oldest = await oldestPages(store, now);
    const samples = (valueOf: (pages: OldestPages) => number) =>
      oldest.map((pages): Sample => ({
        asset: collectorPart(`pages/${pages.channel}`, `Pages by ${pages.channel}`),
        value: valueOf(pages),
      }));
    return {
      'pages.waiting': samples(({ waitingS }) => waitingS),
      'pages.unknown': samples(({ unknownMin }) => unknownMin),
    };
  },
};

/** By how much the answer to the newest weekly test of each contact came too late, or still has not come. */
export const pageTestSource: Source = {
  signals: ['pager-test.late'],
  periodMs: 15_000,
  async read(store, now) {
    const rows = await store
      .selectFrom('notification')
      .select(['contact', 'channel', 'deadline_at', 'acked_at'])
      .where('kind', '=', 'test')
      .where('contact', '>=', `${WEEKLY_TEST} `)
      // The character after the space.
      .where('contact', '<', `${WEEKLY_TEST}!`)
      .where('created_at', '>', now - TESTS_BACK_MS)
      // One that may still be answered in time says nothing yet.
      .where((where) => where.or([where('acked_at', 'is not', null), where('deadline_at', '<', now)]))
      .orderBy('created_at')
      .execute();
    const newest = new Map(rows.map((row) => [row.contact, row]));
    return {
      'pager-test.late': [...newest.values()].map(({ contact, channel, deadline_at, acked_at }) => ({
        asset: collectorPart(
          `pager-test/${contact.slice(WEEKLY_TEST.length + 1)}`,
          `Test page by ${channel}`,
        ),
        value: Math.max(0, (acked_at ?? now) - deadline_at) / MINUTE_MS,
      })),
    };
  },
};

/** In how many hours the first stretch begins in which nobody can be reached; 14 days where there is none before. */
export const dutySource: Source = {
  signals: ['oncall.gap-in'],
  periodMs: MINUTE_MS,
  async read(store, now) {
    const schedules = await store.selectFrom('schedule').select(['team', 'level']).execute();
    const found = await gaps(store, { from: now, to: now + AHEAD_H * HOUR_MS });
    return {
      'oncall.gap-in': schedules.map(({ team, level }): Sample => {
        const first = found.find((gap) => gap.team === team && gap.level === level);
        return {
          asset: collectorPart(`on-call/${team}/${level}`, `${team} L${level}`),
          value: first === undefined ? AHEAD_H : Math.max(0, first.from - now) / HOUR_MS,
        };
      }),
    };
  },
};
