import { auditRecordSchema } from '@headcount/shared';
import type { LineRef } from '../schema/manual-audits.js';
import type { Queryable } from '../store/store.js';
import { readAudit } from './audits.js';
import type { Evidence } from './strata.js';

/** Names a line among all. */
export function lineKey({ gateway, camera, line }: LineRef): string {
  return `${gateway}/${camera}/${line}`;
}

/**
 * Clips, minutes of live tallies and imported rows since then, the newest last.
 * @param from UTC ms
 * @param only of this line; of all without it
 */
export async function evidenceSince(
  db: Queryable,
  from: number,
  only?: LineRef,
): Promise<Map<string, Evidence[]>> {
  const evidence = new Map<string, Evidence[]>();
  const add = (line: LineRef, one: Evidence) => {
    const known = evidence.get(lineKey(line));
    if (known === undefined) evidence.set(lineKey(line), [one]);
    else known.push(one);
  };
  let clips = db
    .selectFrom('audit_clip')
    .select(['gateway', 'camera', 'line', 'body'])
    .where('at', '>=', from);
  let audits = db.selectFrom('accuracy_audit').selectAll().where('from_at', '>=', from);
  for (const column of ['gateway', 'camera', 'line'] as const)
    if (only !== undefined) {
      clips = clips.where(column, '=', only[column]);
      audits = audits.where(column, '=', only[column]);
    }
  for (const { body, ...line } of await clips.execute()) {
    const { result } = auditRecordSchema.parse(JSON.parse(body));
    const keptForCrossing = result.stratum === 'crossing';
    add(line, { ...result, audit: null, keptForCrossing, light: null, density: null });
  }
  for (const row of await audits.execute()) {
    const { parts } = await readAudit(db, row);
    const { id: audit, light, density, created_at: answeredAt } = row;
    for (const part of parts)
      add(row, { ...part, kept: 1, of: 1, audit, keptForCrossing: false, answeredAt, light, density });
  }
  for (const all of evidence.values()) all.sort((a, b) => a.from - b.from);
  return evidence;
}
