import { randomUUID } from 'node:crypto';
import ical, { ICalCalendarMethod } from 'ical-generator';
import type { CalendarFeed } from '../schema/oncall.js';
import { ProblemError } from '../schema/problem.js';
import { hashSecret, newSecret } from '../security/secrets.js';
import type { Queryable } from '../store/store.js';
import type { Level } from '../store/tables-oncall.js';
import { lockSchedule } from './spans.js';
import { noSchedule } from './teams.js';

const DAY_MS = 24 * 3_600_000;
/** Calendars also show who was on duty lately (ms). */
const SHOWN_BEFORE_MS = 30 * DAY_MS;
const MOST_FEEDS = 20;
/** The last use is written down at most so often (ms). */
const USED_EVERY_MS = 3_600_000;
/** How often calendar programs are asked to look (s). */
const REFRESH_S = 3600;

/** What a feed shows: a schedule, or the shifts of its owner. */
export interface FeedOf {
  readonly team: string | null;
  readonly level: Level | null;
}

/** The addresses that a person has made for calendar programs. */
export async function listFeeds(db: Queryable, username: string): Promise<CalendarFeed[]> {
  const rows = await db
    .selectFrom('calendar_feed')
    .selectAll()
    .where('username', '=', username)
    .orderBy('created_at')
    .execute();
  return rows.map(({ id, team, level, created_at, used_at }) => ({
    ...{ id, team, level, createdAt: created_at, usedAt: used_at },
  }));
}

/**
 * Make an address for calendar programs; its secret is stored as a hash only.
 * @throws ProblemError when there is no such schedule, or the person has too many
 */
export async function makeFeed(
  trx: Queryable,
  username: string,
  { team, level }: FeedOf,
  now: number,
): Promise<{ id: string; path: string }> {
  const [id, token] = [randomUUID(), newSecret()];
  if (team !== null && level !== null) {
    if (!(await lockSchedule(trx, { team, level }))) throw noSchedule({ team, level });
  }
  await trx
    .insertInto('calendar_feed')
    .values({ id, token_hash: hashSecret(token), username, team, level, created_at: now, used_at: null })
    .execute();
  if ((await listFeeds(trx, username)).length > MOST_FEEDS)
    throw new ProblemError(409, `you have ${MOST_FEEDS} calendar addresses; take away one that is not used`);
  return { id, path: `/api/v1/calendars/${token}/on-call.ics` };
}

/** The address opens nothing any more. @throws ProblemError when the person has no such one */
export async function removeFeed(trx: Queryable, username: string, id: string): Promise<void> {
  const { numDeletedRows } = await trx
    .deleteFrom('calendar_feed')
    .where('id', '=', id)
    .where('username', '=', username)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw new ProblemError(404, 'you have no such calendar address');
}

/**
 * The calendar behind an address, RFC 5545.
 * @returns undefined for an address that opens nothing: unknown, taken back, or of somebody who is locked out
 */
export async function calendarFile(db: Queryable, token: string, now: number): Promise<string | undefined> {
  const feed = await db
    .selectFrom('calendar_feed')
    .innerJoin('user', 'user.username', 'calendar_feed.username')
    .selectAll('calendar_feed')
    .where('token_hash', '=', hashSecret(token))
    .where('user.disabled_at', 'is', null)
    .executeTakeFirst();
  if (feed === undefined) return undefined;
  if ((feed.used_at ?? 0) <= now - USED_EVERY_MS)
    await db.updateTable('calendar_feed').set({ used_at: now }).where('id', '=', feed.id).execute();
  return calendar(await shiftsOf(db, feed, now), feed, now);
}

interface Shift {
  readonly team: string;
  readonly title: string;
  readonly level: Level;
  readonly from_at: number;
  readonly to_at: number;
  readonly username: string | null;
}

async function shiftsOf(
  db: Queryable,
  { team, level, username }: FeedOf & { username: string },
  now: number,
): Promise<Shift[]> {
  const spans = db
    .selectFrom('oncall_span')
    .innerJoin('team', 'team.name', 'oncall_span.team')
    .selectAll('oncall_span')
    .select('team.title')
    .where('to_at', '>', now - SHOWN_BEFORE_MS)
    .orderBy('from_at');
  if (team === null || level === null) return spans.where('username', '=', username).execute();
  return spans.where('oncall_span.team', '=', team).where('oncall_span.level', '=', level).execute();
}

function calendar(
  shifts: readonly Shift[],
  { team, level, username }: FeedOf & { username: string },
  now: number,
) {
  const made = ical({
    name: team === null ? `On call: ${username}` : `On call: ${team}, level ${String(level)}`,
    prodId: { company: 'Headcount', product: 'On call', language: 'EN' },
    method: ICalCalendarMethod.PUBLISH,
    ttl: REFRESH_S,
  });
  for (const { team: of, title, level: at, from_at, to_at, username: user } of shifts)
    made.createEvent({
      // The same shift keeps its id, so that calendars move it instead of showing it twice.
      id: `${of}-${at}-${from_at}@headcount`,
      ...{ start: new Date(from_at), end: new Date(to_at), stamp: new Date(now) },
      summary: user === null ? `NOBODY is on call: ${title}, L${at}` : `On call: ${user} (${title}, L${at})`,
    });
  return made.toString();
}
