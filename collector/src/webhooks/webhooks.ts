import { createHmac, randomUUID } from 'node:crypto';
import type { Selectable, Updateable } from 'kysely';
import { countBuckets } from '../counts/counts.js';
import { SETTLE_MS } from '../counts/late-quarters.js';
import { bucketAt, QUARTER_MS } from '../counts/zone.js';
import { countsQuerySchema, type Bucket } from '../schema/counts.js';
import type { Webhook } from '../schema/webhooks.js';
import { newSecret } from '../security/secrets.js';
import type { Vault } from '../security/vault.js';
import type { Queryable, Store } from '../store/store.js';
import type { Tables } from '../store/tables.js';
import { nextCorrection } from './corrections.js';

/** Quarters of one push, when a receiver has fallen behind. */
const MOST_QUARTERS = 16;
const TIMEOUT_MS = 10_000;
/** Waits after failures double from the first to the last (ms); counts are kept, so that a receiver may be away for days. */
const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 3_600_000;

type Row = Selectable<Tables['webhook']>;

/** Add a receiver; it gets every quarter of an hour from now on. @returns the key of its signatures, which is stored sealed */
export async function addWebhook(
  db: Queryable,
  vault: Vault,
  { url, site, createdBy }: { url: string; site: string | null; createdBy: string },
  now: number,
): Promise<{ id: string; secret: string }> {
  const [id, secret] = [randomUUID(), newSecret()];
  const next_at = bucketAt('UTC', 'quarter', now).start;
  await db
    .insertInto('webhook')
    .values({
      ...{
        id,
        url,
        site,
        sealed_secret: vault.seal(secret),
        created_by: createdBy,
        created_at: now,
        next_at,
      },
      ...{ due_at: dueAfter(next_at), attempts: 0, problem: null, delivered_at: null },
    })
    .execute();
  return { id, secret };
}

/** When a quarter may be sent: after its end, and when its minutes are there. */
const dueAfter = (start: number) => start + QUARTER_MS + SETTLE_MS;

/** Every receiver with how far it has got. */
export async function listWebhooks(store: Store): Promise<Webhook[]> {
  const rows = await store.selectFrom('webhook').selectAll().orderBy('created_at').execute();
  return rows.map((row) => ({
    ...{ id: row.id, url: row.url, site: row.site, createdBy: row.created_by, createdAt: row.created_at },
    ...{ nextAt: row.next_at, deliveredAt: row.delivered_at, attempts: row.attempts, problem: row.problem },
  }));
}

/** Take a receiver away. False when there is none. */
export async function removeWebhook(db: Queryable, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('webhook').where('id', '=', id).executeTakeFirst();
  return numDeletedRows === 1n;
}

/**
 * Send what is due, each receiver its quarters in their order, and then those again that late counts have changed. A push
 * that fails is tried again with the same id until it is taken; nothing is kept for it but how far the receiver has got.
 * @returns how many pushes were taken
 */
export async function pushDue(store: Store, vault: Vault, now: number): Promise<number> {
  const due = await store
    .selectFrom('webhook')
    .selectAll()
    // A receiver that takes what it is sent may be sent corrections at any time.
    .where((where) => where.or([where('due_at', '<=', now), where('attempts', '=', 0)]))
    .orderBy('due_at')
    .execute();
  const taken = await Promise.all(due.map((webhook) => pushOne(store, vault, webhook, now)));
  return taken.filter(Boolean).length;
}

async function pushOne(store: Store, vault: Vault, webhook: Row, now: number): Promise<boolean> {
  const { id, next_at: from } = webhook;
  const closed = Math.floor((now - SETTLE_MS) / QUARTER_MS) * QUARTER_MS;
  if (closed > from) {
    const to = Math.min(closed, from + MOST_QUARTERS * QUARTER_MS);
    const message = { id: `${id}/${from}`, from, to, corrected: false };
    return push({ store, vault, webhook, now }, message, { next_at: to, due_at: dueAfter(to) });
  }
  const correction = await nextCorrection(store, webhook, { now, most: MOST_QUARTERS });
  if (correction !== undefined) {
    const { from, to, windowTo } = correction;
    const message = { id: `${id}/${from}/${windowTo}`, from, to, corrected: true };
    const begun = { window_to: windowTo };
    return push({ store, vault, webhook, now }, message, { ...begun, window_from: to }, begun);
  }
  const { window_to } = webhook;
  if (window_to !== null) {
    const done = { corrected_to: window_to, window_from: 0, window_to: null };
    await save(store, webhook, { ...done, attempts: 0, problem: null, due_at: dueAfter(from) });
  }
  return false;
}

/** Send quarters. @param taken what is noted when the receiver takes them @param tried what is noted when it does not */
async function push(
  { store, vault, webhook, now }: { store: Store; vault: Vault; webhook: Row; now: number },
  message: { id: string; from: number; to: number; corrected: boolean },
  taken: Updateable<Tables['webhook']>,
  tried: Updateable<Tables['webhook']> = {},
): Promise<boolean> {
  const { site, url, sealed_secret, next_at } = webhook;
  const buckets = await quartersOf(store, { ...message, site }, now);
  const body = JSON.stringify({ ...message, buckets });
  const problem = await send(url, body, sign(vault.open(sealed_secret), body, now));
  if (problem === undefined) {
    const due_at = dueAfter(next_at);
    await save(store, webhook, { due_at, ...taken, attempts: 0, problem: null, delivered_at: now });
    return true;
  }
  const attempts = webhook.attempts + 1;
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempts - 1));
  await save(store, webhook, { ...tried, due_at: now + wait, attempts, problem });
  return false;
}

/** Note how far a receiver has got, unless another collector has sent it the same meanwhile. */
async function save(
  store: Store,
  { id, next_at, window_from }: Row,
  change: Updateable<Tables['webhook']>,
): Promise<void> {
  await store
    .updateTable('webhook')
    .set(change)
    .where('id', '=', id)
    .where('next_at', '=', next_at)
    .where('window_from', '=', window_from)
    .execute();
}

/** Every row of the quarters, page by page. */
async function quartersOf(
  store: Store,
  { from, to, site }: { from: number; to: number; site: string | null },
  now: number,
): Promise<Bucket[]> {
  const buckets: Bucket[] = [];
  const query = countsQuerySchema.parse({ from, to, bucket: 'quarter', ...(site !== null && { site }) });
  let cursor: string | undefined;
  do {
    const page = await countBuckets(store, { ...query, cursor }, now);
    buckets.push(...page.buckets);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return buckets;
}

/** `t=<unix seconds>,v1=<HMAC-SHA256 of "t.body", hex>`: a receiver refuses what is old or signed by somebody else. */
export function sign(secret: string, body: string, now: number): string {
  const seconds = Math.floor(now / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/** @returns why it was not taken */
async function send(url: string, body: string, signature: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'headcount-signature': signature },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // A receiver that has moved is named anew; following it could lead into the own network.
      redirect: 'manual',
    });
    await response.body?.cancel();
    return response.ok ? undefined : `the receiver answers ${response.status}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return `the receiver cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
