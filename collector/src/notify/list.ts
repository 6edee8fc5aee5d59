import type { Notification, NotificationPage } from '../schema/notifications.js';
import type { Store } from '../store/store.js';
import type { NotificationRow } from '../store/tables-notify.js';
import { masked } from './masked.js';
import type { NotificationData } from './message.js';

/** Notifications with their attempts, the newest first. @param page.before `next` of the page before */
export async function listNotifications(
  store: Store,
  { limit, before }: { limit: number; before?: string | undefined },
): Promise<NotificationPage> {
  const [, at, id] = /^(\d+)-(.+)$/.exec(before ?? '') ?? [];
  let query = store
    .selectFrom('notification')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (at !== undefined && id !== undefined)
    query = query.where((where) =>
      where.or([
        where('created_at', '<', Number(at)),
        where.and([where('created_at', '=', Number(at)), where('id', '<', id)]),
      ]),
    );
  const found = await query.execute();
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  const attempts = await attemptsOf(store, rows);
  return {
    notifications: rows.map((row) => shownOf(row, attempts.get(row.id) ?? [])),
    next: last === undefined ? null : `${last.created_at}-${last.id}`,
  };
}

async function attemptsOf(
  store: Store,
  rows: readonly NotificationRow[],
): Promise<Map<string, Notification['attempts']>> {
  const attempts = new Map<string, Notification['attempts']>(rows.map(({ id }) => [id, []]));
  if (rows.length === 0) return attempts;
  const found = await store
    .selectFrom('notification_attempt')
    .selectAll()
    .where('notification', 'in', [...attempts.keys()])
    .orderBy('n')
    .execute();
  for (const { notification, n, started_at: startedAt, ended_at: endedAt, outcome, status, error } of found)
    attempts.get(notification)?.push({ n, startedAt, endedAt, outcome, status, error });
  return attempts;
}

function shownOf(row: NotificationRow, attempts: Notification['attempts']): Notification {
  const { id, incident, kind, severity, channel, state, error } = row;
  return {
    ...{ id, incident, kind, severity, channel, state, error, attempts },
    title: (JSON.parse(row.payload) as NotificationData).title,
    address: masked(channel, row.address),
    duplicate: row.duplicate === 1,
    ...{ nextAt: row.next_at, createdAt: row.created_at, sentAt: row.sent_at, deliveredAt: row.delivered_at },
    ...{ ackedAt: row.acked_at, ackedBy: row.acked_by },
  };
}
