import { randomUUID } from 'node:crypto';
import { ProblemError } from '../schema/problem.js';
import type { Role } from '../schema/role.js';
import type { NewSilence, Silence } from '../schema/silences.js';
import type { Queryable, Store } from '../store/store.js';
import { ALERTMANAGER_RULE } from './alertmanager-rule.js';
import { currentRules } from './rules.js';
import { fits, type AlertPlace } from './silence-matches.js';

const HOUR_MS = 3_600_000;
/** Operations design, silence: until, and for an admin; the database holds the longer one, too. */
const LONGEST_MS = 24 * HOUR_MS;
const LONGEST_ADMIN_MS = 7 * 24 * HOUR_MS;
/** A silence that nothing fits for so long was forgotten, and would hide the next trouble (ms). */
const UNMATCHED_MS = 24 * HOUR_MS;
/** Silences that have ended, of one answer. */
const MOST_ENDED = 100;

/**
 * Silence alerts for a while.
 * @returns its id
 * @throws ProblemError 400 for an end that may not be, 403 for one that only an admin may choose, 404 for a rule or a place that
 * there is not
 */
export async function addSilence(
  trx: Queryable,
  { rule, path, until, reason }: NewSilence,
  by: { readonly actor: string; readonly role: Role | undefined },
  now: number,
): Promise<string> {
  if (until <= now) throw new ProblemError(400, 'until: has passed already; choose a later end');
  if (until > now + LONGEST_ADMIN_MS) throw new ProblemError(400, 'until: at most 7 days from now');
  if (until > now + LONGEST_MS && by.role !== 'admin')
    throw new ProblemError(403, 'until: more than 24 hours from now needs the role "admin"');
  if (rule !== null) await holdRule(trx, rule);
  if (path !== null) await holdPlace(trx, path);
  const id = randomUUID();
  await trx
    .insertInto('silence')
    .values({ id, rule, path, until_at: until, reason, author: by.actor, created_at: now })
    .execute();
  return id;
}

async function holdRule(trx: Queryable, slug: string): Promise<void> {
  const rules = [...(await currentRules(trx)), ALERTMANAGER_RULE];
  if (!rules.some((rule) => rule.slug === slug))
    throw new ProblemError(404, `rule: there is no rule "${slug}"`);
}

/** A place of the fleet, or one of which there is an alert: a silence of a place that is misspelt would silence nothing. */
async function holdPlace(trx: Queryable, path: string): Promise<void> {
  const [site = '', gateway, camera, line, ...rest] = path.split('/');
  if (rest.length === 0 && (await isPlace(trx, [site, gateway, camera, line]))) return;
  if ((await openAlerts(trx)).some((alert) => fits({ rule: null, path }, alert))) return;
  throw new ProblemError(
    404,
    `path: there is nothing at "${path}"; write site, site/gateway, site/gateway/camera or site/gateway/camera/line`,
  );
}

async function isPlace(
  trx: Queryable,
  [site, gateway, camera, line]: readonly [
    string,
    string | undefined,
    string | undefined,
    string | undefined,
  ],
): Promise<boolean> {
  if (gateway === undefined)
    return (
      (await trx.selectFrom('site').select('name').where('name', '=', site).executeTakeFirst()) !== undefined
    );
  const found = trx
    .selectFrom('gateway')
    .leftJoin('camera', 'camera.gateway', 'gateway.name')
    .leftJoin('line', (join) =>
      join.onRef('line.gateway', '=', 'camera.gateway').onRef('line.camera', '=', 'camera.id'),
    )
    .select('gateway.name')
    .where('gateway.name', '=', gateway)
    .where('gateway.site', '=', site)
    .$if(camera !== undefined, (query) => query.where('camera.id', '=', camera ?? ''))
    .$if(line !== undefined, (query) => query.where('line.id', '=', line ?? ''));
  return (await found.executeTakeFirst()) !== undefined;
}

/** Alerts that have fired and are not over. */
async function openAlerts(db: Queryable): Promise<AlertPlace[]> {
  return db
    .selectFrom('alert')
    .select(['rule', 'asset_path as path'])
    .where('state', 'in', ['firing', 'clearing'])
    .execute();
}

/** End a silence before its time. @throws ProblemError 404, or 409 for one that is over */
export async function endSilence(trx: Queryable, id: string, by: string, now: number): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('silence')
    .set({ ended_at: now, end_reason: 'manual', ended_by: by })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('until_at', '>', now)
    .executeTakeFirst();
  if (numUpdatedRows === 1n) return;
  const known = await trx.selectFrom('silence').select('id').where('id', '=', id).executeTakeFirst();
  throw known === undefined
    ? new ProblemError(404, 'there is no such silence')
    : new ProblemError(409, 'the silence is over already');
}

function silencesNow(db: Queryable, now: number) {
  return db.selectFrom('silence').selectAll().where('until_at', '>', now).where('ended_at', 'is', null);
}

/** Why nobody is told of alerts that people have silenced. @returns tells the reasons of an alert, such as `silence:<id>` */
export async function silencesOver(db: Queryable, now: number): Promise<(alert: AlertPlace) => string[]> {
  const silences = await silencesNow(db, now).orderBy('created_at').orderBy('id').execute();
  return (alert) => silences.filter((silence) => fits(silence, alert)).map(({ id }) => `silence:${id}`);
}

/** Note which silences nothing fits any more, and end those that nothing has fitted for a day. @returns ids that ended */
export async function tickSilences(store: Store, now: number): Promise<string[]> {
  const silences = await silencesNow(store, now).execute();
  if (silences.length === 0) return [];
  const alerts = await openAlerts(store);
  const ended: string[] = [];
  for (const silence of silences) {
    const matched = alerts.some((alert) => fits(silence, alert));
    const since = matched ? null : (silence.unmatched_since ?? now);
    const over = since !== null && now - since >= UNMATCHED_MS;
    if (since === silence.unmatched_since && !over) continue;
    await store
      .updateTable('silence')
      .set({ unmatched_since: since, ...(over && { ended_at: now, end_reason: 'unmatched' as const }) })
      .where('id', '=', silence.id)
      .where('ended_at', 'is', null)
      .execute();
    if (over) ended.push(silence.id);
  }
  return ended;
}

/** Silences that count now, the one that ends first first; or the last hundred that have ended. */
export async function listSilences(db: Queryable, open: boolean, now: number): Promise<Silence[]> {
  const alerts = open ? await openAlerts(db) : [];
  const query = open
    ? silencesNow(db, now).orderBy('until_at')
    : db
        .selectFrom('silence')
        .selectAll()
        .where((where) => where.or([where('until_at', '<=', now), where('ended_at', 'is not', null)]))
        .orderBy('created_at', 'desc')
        .limit(MOST_ENDED);
  const rows = await query.orderBy('id').execute();
  return rows.map((row) => ({
    ...{ id: row.id, rule: row.rule, path: row.path, until: row.until_at, reason: row.reason },
    ...{ author: row.author, createdAt: row.created_at, unmatchedSince: row.unmatched_since },
    matches: alerts.filter((alert) => fits(row, alert)).length,
    ...{ endedAt: row.ended_at, endReason: row.end_reason, endedBy: row.ended_by },
  }));
}

/** Forget silences that were over before a time, by their end or by hand. @param before UTC ms @returns how many went */
export async function purgeSilences(db: Queryable, before: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('silence')
    .where((where) => where.or([where('until_at', '<', before), where('ended_at', '<', before)]))
    .executeTakeFirst();
  return Number(numDeletedRows);
}
