import { createHash } from 'node:crypto';
import type { Queryable } from '../store/store.js';
import type { IncidentTables } from '../store/tables-incidents.js';

type Row = IncidentTables['incident_event'];

/** Who did something to an incident, and by which way. */
export interface By {
  /** A user name, or "system". */
  readonly actor: string;
  readonly channel:
    'console' | 'alert' | 'timer' | 'slack' | 'discord' | 'email' | 'sms' | 'voice' | 'webhook';
}

export const BY_ALERT: By = { actor: 'system', channel: 'alert' };
export const BY_TIMER: By = { actor: 'system', channel: 'timer' };

/** One line of a timeline. */
export interface TimelineEntry {
  readonly by: By;
  /** A move of the incident, or "opened", "note", "severity", "alert-joined", "alert-resolved", "timer", "step", "child". */
  readonly kind: string;
  /** What a person wrote. */
  readonly text?: string;
  readonly data?: object;
}

/**
 * Write on the timeline of an incident; the caller has locked the incident.
 * @param now UTC ms
 */
export async function writeTimeline(
  trx: Queryable,
  incident: string,
  { by, kind, text = '', data = {} }: TimelineEntry,
  now: number,
): Promise<void> {
  const head = await trx
    .selectFrom('incident')
    .select(['event_seq', 'event_hash'])
    .where('id', '=', incident)
    .executeTakeFirstOrThrow();
  const row = {
    ...{ incident, seq: head.event_seq + 1, at: now, actor: by.actor, channel: by.channel, kind, text },
    ...{ data: JSON.stringify(data), prev_hash: head.event_hash },
  };
  const hash = hashOf(row);
  await trx
    .insertInto('incident_event')
    .values({ ...row, hash })
    .execute();
  await trx
    .updateTable('incident')
    .set({ event_seq: row.seq, event_hash: hash })
    .where('id', '=', incident)
    .execute();
}

/** SHA-256 over the hash before and every field in a fixed order, lower-case hex. */
function hashOf(row: Omit<Row, 'hash'>): string {
  const { incident, seq, at, actor, channel, kind, text, data, prev_hash } = row;
  const all = JSON.stringify([prev_hash, incident, seq, at, actor, channel, kind, text, data]);
  return createHash('sha256').update(all).digest('hex');
}

/** A timeline from the beginning. */
export async function readTimeline(db: Queryable, incident: string): Promise<Row[]> {
  return db
    .selectFrom('incident_event')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('seq')
    .execute();
}

/**
 * Whether nobody changed a timeline or took something out of it.
 * @param rows all of it
 * @param head of the incident
 */
export function isWhole(rows: readonly Row[], head: { event_seq: number; event_hash: string }): boolean {
  let hash = '';
  for (const [index, row] of rows.entries()) {
    if (row.seq !== index + 1 || row.prev_hash !== hash || row.hash !== hashOf(row)) return false;
    hash = row.hash;
  }
  return rows.length === head.event_seq && hash === head.event_hash;
}
