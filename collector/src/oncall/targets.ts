import type { Queryable } from '../store/store.js';
import type { Level, OncallTables } from '../store/tables-oncall.js';

/** Where a person is paged: verified and in use. */
export interface Contact {
  readonly id: string;
  readonly kind: 'email' | 'slack' | 'discord' | 'sms' | 'voice' | 'webhook';
  readonly address: string;
  readonly language: 'en' | 'vi';
}

/** Somebody who is on duty and can be reached. */
export interface OnCall {
  readonly user: string;
  /** At least one, the oldest first. */
  readonly contacts: readonly Contact[];
}

/** Which level is paged when. */
export interface EscalationStep {
  readonly level: Level;
  /** After the start of the incident (ms). */
  readonly offsetMs: number;
  /** The level was paged by a step before: it is paged again. */
  readonly repeat: boolean;
}

/** Who is asked for: a level of one team, or of every team. */
export interface DutyAt {
  readonly team?: string | undefined;
  readonly level: Level;
  /** UTC ms, from 90 days ago to 90 days ahead. */
  readonly at: number;
}

/**
 * Who is on duty at a moment and can be paged. Nobody is named who is locked out or has no verified contact that is in use:
 * an empty answer means that the level is to be skipped at once.
 */
export async function onCallAt(db: Queryable, { team, level, at }: DutyAt): Promise<OnCall[]> {
  let query = db
    .selectFrom('oncall_span as span')
    .innerJoin('user', 'user.username', 'span.username')
    .innerJoin('user_contact as contact', 'contact.username', 'span.username')
    .select(['user.username as user', 'contact.id', 'contact.kind', 'contact.address', 'contact.language'])
    .where('span.level', '=', level)
    .where('span.from_at', '<=', at)
    .where('span.to_at', '>', at)
    .where('user.disabled_at', 'is', null)
    .where('contact.verified', '=', 1)
    .where('contact.disabled_reason', 'is', null)
    .orderBy('span.team')
    .orderBy('contact.created_at')
    .orderBy('contact.id');
  if (team !== undefined) query = query.where('span.team', '=', team);
  const people = new Map<string, Map<string, Contact>>();
  for (const { user, ...contact } of await query.execute()) {
    const contacts = people.get(user) ?? new Map<string, Contact>();
    people.set(user, contacts.set(contact.id, contact));
  }
  return [...people].map(([user, contacts]) => ({ user, contacts: [...contacts.values()] }));
}

/** The steps of a severity in their order. */
export async function escalationOf(
  db: Queryable,
  severity: OncallTables['escalation_step']['severity'],
): Promise<EscalationStep[]> {
  const rows = await db
    .selectFrom('escalation_step')
    .select(['level', 'offset_ms'])
    .where('severity', '=', severity)
    .orderBy('position')
    .execute();
  return rows.map(({ level, offset_ms }, index) => ({
    ...{ level, offsetMs: offset_ms },
    repeat: rows.slice(0, index).some((before) => before.level === level),
  }));
}

/** Whom a step pages, after empty levels were skipped. */
export interface Reached {
  /** Index of the step that is taken: the one that was due, or a later one. */
  readonly step: number;
  readonly level: Level;
  readonly people: readonly OnCall[];
  /** Levels at which nobody could be reached, each once. */
  readonly skipped: readonly Level[];
}

/**
 * Whom to page when a step is due: a level without anybody who can be reached is skipped at once.
 * @param from index of the step that is due
 * @returns undefined when nobody can be reached any more
 */
export async function firstReachable(
  db: Queryable,
  steps: readonly Pick<EscalationStep, 'level'>[],
  { team, at, from }: { team?: string | undefined; at: number; from: number },
): Promise<Reached | undefined> {
  const skipped = new Set<Level>();
  for (const [index, { level }] of steps.entries()) {
    if (index < from || skipped.has(level)) continue;
    const people = await onCallAt(db, { team, level, at });
    if (people.length > 0) return { step: index, level, people, skipped: [...skipped] };
    skipped.add(level);
  }
  return undefined;
}
