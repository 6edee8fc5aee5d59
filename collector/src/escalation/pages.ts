import { stuckChannels } from '../alerts/sources/pages.js';
import type { NotificationData } from '../notify/message.js';
import { cancelPages, queueNotification } from '../notify/outbox.js';
import type { Contact } from '../oncall/targets.js';
import { inTransaction, type Queryable, type Store } from '../store/store.js';
import type { IncidentRow } from '../store/tables-incidents.js';
import type { PageRequest } from './escalation.js';

/** A page that cannot be delivered for so long is told by the next step (ms). */
const PAGE_DEADLINE_MS = 30 * 60_000;
/** What is told of a resolved incident is of no use after this (ms). */
const NEWS_DEADLINE_MS = 60 * 60_000;
/** Ways by which one person is paged at the same time; the others are for when one of these fails. */
const WAYS = 2;

/**
 * Page somebody by two ways at once, of different kinds where there are; the rest waits as fallbacks. A way that is stuck comes
 * last: that it is stuck must be told by another one.
 */
export async function pagePerson(
  trx: Queryable,
  { incident, person, step, loop }: PageRequest,
  now: number,
): Promise<void> {
  const stuck = await stuckChannels(trx, now);
  const [ways, fallbacks] = waysOf([
    ...person.contacts.filter(({ kind }) => !stuck.has(kind)),
    ...person.contacts.filter(({ kind }) => stuck.has(kind)),
  ]);
  const page = { incident: incident.id, severity: incident.severity, kind: 'page' as const, step, loop };
  const data = dataOf(incident);
  for (const contact of ways)
    await queueNotification(
      trx,
      { ...page, contact, fallbacks, data, deadlineAt: now + PAGE_DEADLINE_MS },
      now,
    );
}

function waysOf(contacts: readonly Contact[]): [ways: Contact[], fallbacks: Contact[]] {
  const kinds = new Set<string>();
  const firsts = contacts.filter(({ kind }) => !kinds.has(kind) && kinds.add(kind));
  const ways = firsts.slice(0, WAYS);
  return [ways, contacts.filter((contact) => !ways.includes(contact))];
}

function dataOf(incident: IncidentRow): NotificationData {
  const { number, title_en, title_vi, asset_path, since_at, time_zone, runbook } = incident;
  const title = { en: placed(title_en, incident), vi: placed(title_vi, incident) };
  return {
    ...{ number, title, site: asset_path?.split('/')[0] ?? null },
    ...{ since: since_at, timeZone: time_zone, runbook },
  };
}

/** A title with the name of what it is about, unless it says that already: whoever is woken wants to know which camera. */
function placed(title: string, { asset_kind, asset_name }: IncidentRow): string {
  const told = asset_name === null || asset_kind === 'site' || title.includes(asset_name);
  return told ? title : `${title}: ${asset_name}`;
}

/**
 * Pages of incidents that somebody has taken, or that are over, are not sent any more; whoever was paged for one that is over is
 * told so.
 */
export async function settlePages(store: Store, now: number): Promise<void> {
  const waiting = await store
    .selectFrom('notification')
    .innerJoin('incident', 'incident.id', 'notification.incident')
    .select('incident.id')
    .distinct()
    .where('notification.kind', '=', 'page')
    .where('notification.state', 'in', ['queued', 'unknown'])
    .where('notification.next_at', 'is not', null)
    .where('incident.status', '<>', 'triggered')
    .execute();
  for (const { id } of waiting) await cancelPages(store, id, now);
  for (const incident of await resolvedUntold(store, now))
    await inTransaction(store, (trx) => tellResolved(trx, incident, now));
}

/** Incidents that were resolved lately and whose people have not been told. */
async function resolvedUntold(store: Store, now: number): Promise<IncidentRow[]> {
  return (
    store
      .selectFrom('incident')
      .selectAll()
      // Whoever waives the review closes it at once.
      .where('status', 'in', ['resolved', 'closed'])
      .where('resolved_at', '>', now - NEWS_DEADLINE_MS)
      .where((where) =>
        where.exists(
          where
            .selectFrom('notification')
            .select('notification.id')
            .whereRef('notification.incident', '=', 'incident.id')
            .where('notification.kind', '=', 'page')
            .where('notification.state', 'in', ['sent', 'delivered', 'unknown']),
        ),
      )
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom('notification')
              .select('notification.id')
              .whereRef('notification.incident', '=', 'incident.id')
              .whereRef('notification.created_at', '>=', 'incident.resolved_at')
              .where('notification.kind', '=', 'resolved'),
          ),
        ),
      )
      .execute()
  );
}

async function tellResolved(trx: Queryable, incident: IncidentRow, now: number): Promise<void> {
  const paged = await trx
    .selectFrom('notification')
    .select(['contact as id', 'channel as kind', 'address', 'language'])
    .select(({ fn }) => fn.max('loop').as('loop'))
    .where('incident', '=', incident.id)
    .where('kind', '=', 'page')
    .where('state', 'in', ['sent', 'delivered', 'unknown'])
    .groupBy(['contact', 'channel', 'address', 'language'])
    .execute();
  const news = { incident: incident.id, severity: incident.severity, kind: 'resolved' as const };
  for (const { loop, ...contact } of paged)
    await queueNotification(
      trx,
      {
        ...{ ...news, contact, fallbacks: [], step: 0, loop, data: dataOf(incident) },
        deadlineAt: now + NEWS_DEADLINE_MS,
      },
      now,
    );
}
