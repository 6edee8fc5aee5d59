import { auditRecordSchema } from '@headcount/shared';
import type { LineRef } from '../schema/manual-audits.js';
import type { Store } from '../store/store.js';
import { readAudit } from './audits.js';
import type { Evidence } from './strata.js';

/** Names a line among all. */
export function lineKey({ gateway, camera, line }: LineRef): string {
  return `${gateway}/${camera}/${line}`;
}

/** Clips, minutes of live tallies and imported rows of every line since then, the newest last. @param from UTC ms */
export async function evidenceSince(store: Store, from: number): Promise<Map<string, Evidence[]>> {
  const evidence = new Map<string, Evidence[]>();
  const add = (line: LineRef, one: Evidence) => {
    const known = evidence.get(lineKey(line));
    if (known === undefined) evidence.set(lineKey(line), [one]);
    else known.push(one);
  };
  const clips = await store
    .selectFrom('audit_clip')
    .select(['gateway', 'camera', 'line', 'body'])
    .where('at', '>=', from)
    .execute();
  for (const { body, ...line } of clips) {
    const { result } = auditRecordSchema.parse(JSON.parse(body));
    const keptForCrossing = result.stratum === 'crossing';
    add(line, { ...result, audit: null, keptForCrossing, light: null, density: null });
  }
  const audits = await store.selectFrom('accuracy_audit').selectAll().where('from_at', '>=', from).execute();
  for (const row of audits) {
    const { parts } = await readAudit(store, row);
    const { id: audit, light, density, created_at: answeredAt } = row;
    for (const part of parts)
      add(row, { ...part, kept: 1, of: 1, audit, keptForCrossing: false, answeredAt, light, density });
  }
  for (const all of evidence.values()) all.sort((a, b) => a.from - b.from);
  return evidence;
}
