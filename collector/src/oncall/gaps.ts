import type { Gap } from '../schema/oncall.js';
import type { Queryable } from '../store/store.js';
import type { Level } from '../store/tables-oncall.js';

interface Range {
  /** UTC ms. */
  readonly from: number;
  readonly to: number;
}

/** Who is on duty at a level of a team in a range. */
export interface GapSpan extends Range {
  readonly team: string;
  readonly level: Level;
  readonly user: string | null;
}

/** A user who is on duty, with what can be wrong with reaching them. */
interface Person {
  readonly user: string;
  readonly disabled: boolean;
  readonly contacts: readonly {
    readonly kind: string;
    readonly verified: boolean;
    /** The newest try failed, or nothing is sent there. */
    readonly failed: boolean;
    readonly usable: boolean;
  }[];
}

/**
 * What stands in the way of reaching somebody in a range, the earliest first: stretches in which nobody is on duty, people on
 * duty who are locked out or cannot be reached, and contacts of theirs that are unverified or failed. What is wrong with a
 * person is named once per schedule, with their first shift.
 */
export async function gaps(db: Queryable, range: Range): Promise<Gap[]> {
  return gapsOf(db, [...(await spansIn(db, range)), ...(await unplanned(db, range))]);
}

/** The same of stretches that need not be stored. */
export async function gapsOf(db: Queryable, spans: readonly GapSpan[]): Promise<Gap[]> {
  const users = [...new Set(spans.flatMap(({ user }) => user ?? []))];
  const people = await peopleOf(db, users);
  const found = new Map<string, Gap>();
  for (const span of [...spans].sort((a, b) => a.from - b.from || a.level - b.level)) {
    const { team, level, user, from, to } = span;
    const where = { team, level, user, from, to };
    if (user === null) {
      found.set(`${team} ${level} ${from}`, { problem: 'uncovered', ...where, contact: null });
      continue;
    }
    const person = people.get(user);
    for (const problem of person === undefined ? [] : problemsOf(person)) {
      const key = `${team} ${level} ${user} ${problem.problem} ${problem.contact ?? ''}`;
      if (!found.has(key)) found.set(key, { ...problem, ...where });
    }
  }
  return [...found.values()];
}

function problemsOf({ disabled, contacts }: Person): Pick<Gap, 'problem' | 'contact'>[] {
  if (disabled) return [{ problem: 'disabled-user', contact: null }];
  const of = (problem: Gap['problem'], bad: Person['contacts']) =>
    bad.map(({ kind }) => ({ problem, contact: kind }));
  return [
    ...(contacts.some(({ usable }) => usable) ? [] : [{ problem: 'unreachable' as const, contact: null }]),
    ...of(
      'unverified-contact',
      contacts.filter(({ verified }) => !verified),
    ),
    ...of(
      'failed-contact',
      contacts.filter(({ verified, failed }) => verified && failed),
    ),
  ];
}

async function spansIn(db: Queryable, range: Range): Promise<GapSpan[]> {
  const rows = await db
    .selectFrom('oncall_span')
    .select(['team', 'level', 'from_at', 'to_at', 'username'])
    .where('to_at', '>', range.from)
    .where('from_at', '<', range.to)
    .execute();
  return rows.map(({ team, level, from_at, to_at, username }) => ({
    ...{ team, level, user: username },
    ...{ from: Math.max(from_at, range.from), to: Math.min(to_at, range.to) },
  }));
}

/** Beyond what is planned nobody is known to be on duty. */
async function unplanned(db: Queryable, { from, to }: Range): Promise<GapSpan[]> {
  const rows = await db.selectFrom('schedule').selectAll().where('built_to', '<', to).execute();
  return rows.map(({ team, level, built_to }) => ({
    ...{ team, level, user: null, from: Math.max(built_to, from), to },
  }));
}

async function peopleOf(db: Queryable, users: readonly string[]): Promise<Map<string, Person>> {
  if (users.length === 0) return new Map();
  const accounts = await db
    .selectFrom('user')
    .select(['username', 'disabled_at'])
    .where('username', 'in', users)
    .execute();
  const contacts = await db
    .selectFrom('user_contact')
    .selectAll()
    .where('username', 'in', users)
    .orderBy('created_at')
    .execute();
  return new Map(
    accounts.map(({ username, disabled_at }) => {
      const own = contacts
        .filter((contact) => contact.username === username)
        .map(({ kind, verified, disabled_reason, last_ok_at, last_fail_at }) => ({
          ...{ kind, verified: verified === 1, usable: verified === 1 && disabled_reason === null },
          failed: disabled_reason !== null || (last_fail_at ?? 0) > (last_ok_at ?? 0),
        }));
      return [username, { user: username, disabled: disabled_at !== null, contacts: own }] as const;
    }),
  );
}
