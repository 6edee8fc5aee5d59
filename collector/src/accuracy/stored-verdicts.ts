import { askForVerdicts } from '../fleet/verdict-rows.js';
import type { Risk } from '../schema/accuracy.js';
import type { LineRef } from '../schema/manual-audits.js';
import { inTransaction, type Queryable } from '../store/store.js';
import type { CountRow } from '../store/tables.js';
import { evidenceSince, lineKey } from './evidence.js';
import { GOOD_FOR_MS, judge } from './lines.js';
import { poseChanges } from './pose.js';
import { newestRisk } from './read-risks.js';

/** What no event tells (counts that were forgotten, say) is seen after this. */
const AGAIN_MS = 24 * 3_600_000;

/**
 * Change something that the verdict of a line rests on, and judge the line in the same transaction. The row of the verdict is taken
 * first: who judges it meanwhile is waited for, and sees all or nothing of the change.
 * @param now UTC ms
 */
export async function withVerdict<T>(
  trx: Queryable,
  { gateway, camera, line }: LineRef,
  now: number,
  change: () => Promise<T>,
): Promise<T> {
  await askForVerdicts(trx, { gateway, camera, line });
  const result = await change();
  await judgeLine(trx, { gateway, camera, line }, now);
  return result;
}

/**
 * Judge a line by what is stored, and keep the verdict; a line that is not in use has none.
 * @param now UTC ms
 */
export async function judgeLine(db: Queryable, line: LineRef, now: number): Promise<void> {
  await inTransaction(db, async (trx) => {
    // Taken before anything is read: what is stored meanwhile asks for another verdict after this one.
    const before = await trx
      .updateTable('line_verdict')
      .set({ judge_at: now })
      .where('gateway', '=', line.gateway)
      .where('camera', '=', line.camera)
      .where('line', '=', line.line)
      .returning(['due_since', 'risks'])
      .executeTakeFirst();
    if (before === undefined) return;
    const since = now - GOOD_FOR_MS;
    const all = (await evidenceSince(trx, since, line)).get(lineKey(line)) ?? [];
    const moved = (await poseChanges(trx, since, line)).get(`${line.gateway}/${line.camera}`) ?? -Infinity;
    const risk = newestRisk(risksIn(before.risks));
    const { assessment, today, due } = await judge(trx, line, { all, since, moved, risk });
    const { verdict, lower } = assessment;
    // The oldest evidence is forgotten first.
    const nextAt = (all[0]?.from ?? 0) + GOOD_FOR_MS + 1;
    await trx
      .updateTable('line_verdict')
      .set({
        ...{
          judged_at: now,
          verdict,
          lower,
          due,
          due_since: due === null ? null : (before.due_since ?? now),
        },
        ...{ model_hash: today?.modelHash ?? null, config_version: today?.configVersion ?? null },
        counts_until: await countsUntil(trx, line, since),
        judge_at: nextAt > now ? Math.min(nextAt, now + AGAIN_MS) : now + AGAIN_MS,
      })
      .where('gateway', '=', line.gateway)
      .where('camera', '=', line.camera)
      .where('line', '=', line.line)
      .execute();
  });
}

/** Signs as they are stored. */
export function risksIn(stored: string | null): Risk[] {
  return stored === null ? [] : (JSON.parse(stored) as Risk[]);
}

/** An audit whose counts have not all arrived is compared anew with those that come, and once with what follows its end. */
async function countsUntil(db: Queryable, line: LineRef, since: number): Promise<number | null> {
  const open = await db
    .selectFrom('accuracy_audit')
    .innerJoin('line', (join) =>
      join
        .onRef('line.gateway', '=', 'accuracy_audit.gateway')
        .onRef('line.camera', '=', 'accuracy_audit.camera')
        .onRef('line.id', '=', 'accuracy_audit.line'),
    )
    .select(['to_at', 'last_at'])
    .where('accuracy_audit.gateway', '=', line.gateway)
    .where('accuracy_audit.camera', '=', line.camera)
    .where('accuracy_audit.line', '=', line.line)
    .where('parts', 'is', null)
    .where('from_at', '>=', since)
    .execute();
  if (open.length === 0) return null;
  if (open.some(({ to_at, last_at }) => (last_at ?? 0) < to_at)) return Number.MAX_SAFE_INTEGER;
  return Math.max(...open.map(({ to_at }) => to_at));
}

/**
 * Counts were stored: lines that are counted with another model or configuration than before, and those with an audit that waited for
 * these counts, are judged again.
 */
export async function noteCounts(db: Queryable, gateway: string, rows: readonly CountRow[]): Promise<void> {
  if (rows.length === 0) return;
  const known = await db
    .selectFrom('line_verdict')
    .select(['camera', 'line', 'model_hash', 'config_version', 'counts_until'])
    .where('gateway', '=', gateway)
    .orderBy('camera')
    .orderBy('line')
    .execute();
  for (const { camera, line, model_hash, config_version, counts_until } of known) {
    const own = rows.filter((row) => row.camera === camera && row.line === line);
    const newest = own.reduce<CountRow | undefined>(
      (last, row) => (last === undefined || row.start_at > last.start_at ? row : last),
      undefined,
    );
    if (newest === undefined) continue;
    const changed = newest.model_hash !== model_hash || newest.config_version !== config_version;
    if (changed || own.some(({ start_at }) => start_at < (counts_until ?? 0)))
      await askForVerdicts(db, { gateway, camera, line });
  }
}
