import { sql } from 'kysely';
import type { Queryable } from '../store/store.js';

/** Lines of a gateway, of one of its cameras, or one of them. */
export interface LinesOf {
  readonly gateway: string;
  readonly camera?: string;
  readonly line?: string;
}

/** Something happened that may change what audits say of these lines: they are judged again soon, those in use. */
export async function askForVerdicts(db: Queryable, lines: LinesOf): Promise<void> {
  await insertFor(db, lines, 'ask');
}

/** After a birth: lines that are not in use any more leave nothing behind, and new ones wait to be judged. */
export async function matchVerdicts(trx: Queryable, gateway: string): Promise<void> {
  await trx
    .deleteFrom('line_verdict')
    .where('gateway', '=', gateway)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('line')
            .select('line.id')
            .whereRef('line.gateway', '=', 'line_verdict.gateway')
            .whereRef('line.camera', '=', 'line_verdict.camera')
            .whereRef('line.id', '=', 'line_verdict.line')
            .where('line.present', '=', 1),
        ),
      ),
    )
    .execute();
  await insertFor(trx, { gateway }, 'keep');
}

async function insertFor(
  db: Queryable,
  { gateway, camera, line }: LinesOf,
  known: 'ask' | 'keep',
): Promise<void> {
  await db
    .insertInto('line_verdict')
    .columns(['gateway', 'camera', 'line', 'judge_at'])
    .expression((select) => {
      let lines = select
        .selectFrom('line')
        .select(['gateway', 'camera', 'id', sql<number>`0`.as('judge_at')])
        .where('present', '=', 1)
        .where('gateway', '=', gateway);
      if (camera !== undefined) lines = lines.where('camera', '=', camera);
      if (line !== undefined) lines = lines.where('id', '=', line);
      return lines;
    })
    .onConflict((conflict) =>
      known === 'keep'
        ? conflict.doNothing()
        : conflict.columns(['gateway', 'camera', 'line']).doUpdateSet({ judge_at: 0 }),
    )
    .execute();
}
