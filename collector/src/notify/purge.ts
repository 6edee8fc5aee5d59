import type { NotificationKind } from '../schema/notification-words.js';
import type { Store } from '../store/store.js';

const DAY_MS = 24 * 3_600_000;
/** How long what was sent is kept (days). Codes say nothing later; a year of tests shows how reliable a channel is. */
const KEPT_DAYS: Readonly<Record<NotificationKind, number>> = {
  ...{ verify: 7, test: 400, digest: 400, page: 400, update: 400, resolved: 400 },
};
/** Messages that go in one transaction, so that nobody waits long for the database. */
const AT_ONCE = 500;

/**
 * Forget messages that are at rest and older than they are to be kept, with their attempts and links. What an incident shows that is not
 * closed, or that has a review, is kept for as long as the incident.
 * @param now UTC ms
 * @returns how many went
 */
export async function purgeNotifications(store: Store, now: number): Promise<number> {
  let purged = 0;
  for (const [kind, days] of Object.entries(KEPT_DAYS) as [NotificationKind, number][])
    for (;;) {
      const ids = await forgettable(store, kind, now - days * DAY_MS);
      if (ids.length > 0)
        await store.transaction().execute(async (trx) => {
          await trx.deleteFrom('ack_token').where('notification', 'in', ids).execute();
          // Takes its attempts with it.
          await trx.deleteFrom('notification').where('id', 'in', ids).execute();
        });
      purged += ids.length;
      if (ids.length < AT_ONCE) break;
    }
  return purged;
}

async function forgettable(store: Store, kind: NotificationKind, before: number): Promise<string[]> {
  const rows = await store
    .selectFrom('notification')
    .select('id')
    .where('created_at', '<', before)
    .where('kind', '=', kind)
    .where('next_at', 'is', null)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('incident')
            .leftJoin('review', 'review.incident', 'incident.id')
            .select('incident.id')
            .whereRef('incident.id', '=', 'notification.incident')
            .where((open) =>
              open.or([open('incident.status', '<>', 'closed'), open('review.incident', 'is not', null)]),
            ),
        ),
      ),
    )
    .limit(AT_ONCE)
    .execute();
  return rows.map(({ id }) => id);
}
