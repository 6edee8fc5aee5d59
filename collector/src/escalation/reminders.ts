import { lockIncident } from '../incidents/incidents.js';
import { BY_TIMER, writeTimeline } from '../incidents/timeline.js';
import { queueNotification, type NotificationData } from '../notify/outbox.js';
import { verifiedContacts } from '../oncall/contact-use.js';
import type { Contact } from '../oncall/targets.js';
import { inTransaction, type Queryable, type Store } from '../store/store.js';
import type { IncidentRow } from '../store/tables-incidents.js';

/** Incidents of one look; the next one goes on. */
const AT_ONCE = 50;
const DAY_MS = 24 * 3_600_000;
/** People are reminded again after this, until the item is verified (ms). */
const AGAIN_MS = 7 * DAY_MS;
/** A reminder waits for the morning, and for a channel no longer than this (ms). */
const DEADLINE_MS = 2 * DAY_MS;

interface Due {
  readonly id: string;
  readonly text: string;
  readonly owner: string;
  readonly due_at: number;
  readonly done_by: string | null;
  /** Who cares for the review, the nearest first. */
  readonly reviewers: readonly (string | null)[];
}

/**
 * Remind people of action items: an overdue one its owner, one that is done and not verified within a week somebody who may verify
 * it; weekly until it is verified. Where an owner cannot be reached, the people of the review are told. The reminder comes with the
 * digest of the morning, and the timeline says who was told.
 * @param now UTC ms
 */
export async function remindOfActionItems(store: Store, now: number): Promise<void> {
  const incidents = await store
    .selectFrom('action_item')
    .select('incident')
    .distinct()
    .where('remind_at', '<=', now)
    .limit(AT_ONCE)
    .execute();
  for (const { incident } of incidents) await inTransaction(store, (trx) => remind(trx, incident, now));
}

async function remind(trx: Queryable, id: string, now: number): Promise<void> {
  const incident = await lockIncident(trx, id);
  const rows = await trx
    .selectFrom('action_item as item')
    .innerJoin('review', 'review.incident', 'item.incident')
    .select(['item.id', 'item.text', 'item.owner', 'item.due_at', 'item.done_by'])
    .select(['review.owner as review_owner', 'review.submitted_by', 'review.reviewed_by'])
    .where('item.incident', '=', id)
    .where('item.remind_at', '<=', now)
    .orderBy('item.due_at')
    .orderBy('item.id')
    .execute();
  const told = new Map<string, { contacts: readonly Contact[]; items: Due[] }>();
  for (const { review_owner, submitted_by, reviewed_by, ...row } of rows) {
    const item = { ...row, reviewers: [review_owner, submitted_by, reviewed_by] };
    const found = await recipientOf(trx, item);
    await trx
      .updateTable('action_item')
      .set({ remind_at: now + AGAIN_MS })
      .where('id', '=', item.id)
      .execute();
    const data = { step: 'reminded', people: found === undefined ? [] : [found.person] };
    await writeTimeline(trx, id, { by: BY_TIMER, kind: 'action-item', text: item.text, data }, now);
    if (found === undefined) continue;
    const group = told.get(found.person) ?? { contacts: found.contacts, items: [] };
    group.items.push(item);
    told.set(found.person, group);
  }
  for (const { contacts, items } of told.values()) await queue(trx, { incident, contacts, items }, now);
}

/** Whom to tell: the owner of what is not done, somebody else of what is; the first of them who can be reached. */
async function recipientOf(
  trx: Queryable,
  { owner, done_by, reviewers }: Due,
): Promise<{ person: string; contacts: Contact[] } | undefined> {
  const may =
    done_by === null ? [owner, ...reviewers] : reviewers.filter((one) => one !== owner && one !== done_by);
  for (const person of may) {
    const contacts = person === null ? [] : await verifiedContacts(trx, person);
    if (person !== null && contacts.length > 0) return { person, contacts };
  }
  return undefined;
}

async function queue(
  trx: Queryable,
  {
    incident,
    contacts,
    items,
  }: { incident: IncidentRow; contacts: readonly Contact[]; items: readonly Due[] },
  now: number,
): Promise<void> {
  const [contact, ...fallbacks] = contacts;
  if (contact === undefined) return;
  const list = (words: { overdue: string; unverified: string; owner: string }) =>
    items
      .map(({ text, owner, done_by }) => {
        const state = done_by === null ? words.overdue : words.unverified;
        return `${incident.id}: ${state}: ${text} (${words.owner} ${owner})`;
      })
      .join('; ');
  const data: NotificationData = {
    ...{ number: incident.number, site: incident.asset_path?.split('/')[0] ?? null, runbook: '' },
    ...{ since: Math.min(...items.map(({ due_at }) => due_at)), timeZone: incident.time_zone },
    title: {
      en: list({ overdue: 'action item overdue', unverified: 'action item to be verified', owner: 'owner' }),
      vi: list({ overdue: 'việc cần làm quá hạn', unverified: 'việc cần kiểm chứng', owner: 'phụ trách' }),
    },
  };
  // In no thread of the incident: nothing that is told of it replaces a reminder.
  const message = { incident: null, contact, fallbacks, step: incident.number, loop: 0, data };
  await queueNotification(
    trx,
    { ...message, kind: 'update', severity: 'low', deadlineAt: now + DEADLINE_MS },
    now,
  );
}
