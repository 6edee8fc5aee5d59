import { createHash } from 'node:crypto';
import { inTransaction, type Queryable, type Store } from '../store/store.js';
import type { SecurityTables } from '../store/tables-security.js';

/** Entries that are read at once. */
const PAGE = 1000;
/** Longest text of a field; a client must not fill the log. */
const MAX_TEXT = 500;

type Row = SecurityTables['audit_log'];

/** Who did what to what, and what came of it. */
export interface AuditEntry {
  readonly actor: string;
  readonly address: string;
  /** Noun and verb, such as "token.make". */
  readonly action: string;
  readonly object: string;
  readonly result: Row['result'];
  readonly detail?: string | undefined;
}

/** Who sends a request, as entries name it. */
export function senderOf({ username, ip }: { username: string; ip: string }): {
  actor: string;
  address: string;
} {
  return { actor: username, address: ip };
}

/** What is to be done; the result is known when it was. */
export type Intention = Omit<AuditEntry, 'result'>;

/**
 * Make a change and write its entry, both or neither.
 * @param intention what the entry says; a function where that is known after the change only
 * @param now UTC ms
 * @returns what the change gives
 */
export async function recorded<T>(
  db: Queryable,
  intention: Intention | ((result: T) => Intention),
  now: number,
  change: (trx: Queryable) => Promise<T>,
): Promise<T> {
  return inTransaction(db, async (trx) => {
    const result = await change(trx);
    const entry = typeof intention === 'function' ? intention(result) : intention;
    await write(trx, { ...entry, result: 'done' }, now);
    return result;
  });
}

/** Write an entry that no change of the database belongs to. @param now UTC ms */
export async function audit(db: Queryable, entry: AuditEntry, now: number): Promise<void> {
  return inTransaction(db, (trx) => write(trx, entry, now));
}

async function write(db: Queryable, entry: AuditEntry, now: number): Promise<void> {
  // Takes the row of the head, so that whoever writes at the same time waits.
  await db
    .updateTable('audit_head')
    .set((head) => ({ seq: head('seq', '+', 1) }))
    .where('id', '=', 1)
    .execute();
  const head = await db.selectFrom('audit_head').select(['seq', 'hash']).executeTakeFirstOrThrow();
  const { actor, address, action, object, result, detail = '' } = entry;
  const cut = (text: string) => text.slice(0, MAX_TEXT);
  const row = {
    ...{ seq: head.seq, at: now, actor: cut(actor), address: cut(address), action, object: cut(object) },
    ...{ result, detail: cut(detail), prev_hash: head.hash },
  };
  const hash = hashOf(row);
  await db
    .insertInto('audit_log')
    .values({ ...row, hash })
    .execute();
  await db.updateTable('audit_head').set({ hash }).where('id', '=', 1).execute();
}

/** SHA-256 over the hash before and every field in a fixed order, lower-case hex. */
function hashOf(row: Omit<Row, 'hash'>): string {
  const { seq, at, actor, address, action, object, result, detail, prev_hash } = row;
  const text = JSON.stringify([prev_hash, seq, at, actor, address, action, object, result, detail]);
  return createHash('sha256').update(text).digest('hex');
}

/** What a walk along the chain found. */
export interface Verification {
  readonly entries: number;
  /** Of the last entry: noted elsewhere, it also proves that no entry was cut off the end. */
  readonly hash: string;
  /** The first entry that does not fit, and why; undefined for a chain that is whole. */
  readonly broken: { readonly seq: number; readonly problem: string } | undefined;
}

/** Walk along the whole chain. @param onPage called after every page with the entries looked at so far */
export async function verifyAuditLog(
  store: Store,
  onPage: (entries: number) => void = () => undefined,
): Promise<Verification> {
  let [seq, hash] = [0, ''];
  for (;;) {
    const rows = await store
      .selectFrom('audit_log')
      .selectAll()
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(PAGE)
      .execute();
    for (const row of rows) {
      const problem = problemOf(row, { seq, hash });
      if (problem !== undefined) return { entries: seq, hash, broken: { seq: row.seq, problem } };
      [seq, hash] = [row.seq, row.hash];
    }
    onPage(seq);
    if (rows.length < PAGE) break;
  }
  const head = await store.selectFrom('audit_head').select(['seq', 'hash']).executeTakeFirstOrThrow();
  const whole = head.seq === seq && head.hash === hash;
  const broken = whole
    ? undefined
    : { seq: seq + 1, problem: `${head.seq - seq} entries at the end are gone` };
  return { entries: seq, hash, broken };
}

function problemOf(row: Row, before: { seq: number; hash: string }): string | undefined {
  if (row.seq !== before.seq + 1) return `the ${row.seq - before.seq - 1} entries in front of it are gone`;
  if (row.prev_hash !== before.hash) return 'it does not follow the entry in front of it';
  return hashOf(row) === row.hash ? undefined : 'it was changed';
}

/** What to look for; a text is found at the beginning of a field. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly object?: string | undefined;
  /** Only entries before this one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Entries, the newest first. */
export async function listAuditLog(store: Store, filter: AuditFilter): Promise<Row[]> {
  let query = store.selectFrom('audit_log').selectAll().orderBy('seq', 'desc').limit(filter.limit);
  if (filter.before !== undefined) query = query.where('seq', '<', filter.before);
  for (const column of ['actor', 'action', 'object'] as const) {
    const text = filter[column];
    if (text === undefined) continue;
    query = query.where((where) =>
      where(where.fn<string>('substr', [column, where.val(1), where.val(text.length)]), '=', text),
    );
  }
  return query.execute();
}
