import type { Selectable } from 'kysely';
import { isoWithOffset, type Span } from '../counts/zone.js';
import type { Hole, LineRef, ManualAudit, NewTally } from '../schema/manual-audits.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable } from '../store/store.js';
import type { AccuracyTables } from '../store/tables-accuracy.js';
import {
  compareTally,
  minutesOf,
  type Comparison,
  type Part,
  type StoredInterval,
  type TalliedMinute,
} from './compare.js';
import { errorsIn } from './verdict.js';

const MINUTE_MS = 60_000;
/** The longest interval that a gateway merges old counts to (ms). */
const LONGEST_INTERVAL_MS = 3_600_000;

/** A row of the table. */
export type AuditRow = Selectable<AccuracyTables['accuracy_audit']>;

/** An audit with what of it can be compared; `waiting` while counts of its span are still to come. */
export interface ReadAudit extends Comparison {
  readonly row: AuditRow;
  readonly waiting: boolean;
}

/** The counts of a line that touch a span, by their start. */
export async function intervalsIn(
  db: Queryable,
  { gateway, camera, line }: LineRef,
  { start, end }: Span,
): Promise<StoredInterval[]> {
  return db
    .selectFrom('count_interval')
    .select(['start_at as start', 'end_at as end', 'in_count as in', 'out_count as out'])
    .select(['observed_ms as observedMs', 'config_version as configVersion', 'model_hash as modelHash'])
    .where('gateway', '=', gateway)
    .where('camera', '=', camera)
    .where('line', '=', line)
    .where('start_at', '>', start - LONGEST_INTERVAL_MS)
    .where('start_at', '<', end)
    .where('end_at', '>', start)
    .orderBy('start_at')
    .execute();
}

/** @throws ProblemError 404 where no line is called so */
export async function zoneOfLine(db: Queryable, { gateway, camera, line }: LineRef): Promise<string> {
  const found = await db
    .selectFrom('line')
    .innerJoin('gateway', 'gateway.name', 'line.gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .select('site.time_zone as timeZone')
    .where('line.gateway', '=', gateway)
    .where('line.camera', '=', camera)
    .where('line.id', '=', line)
    .executeTakeFirst();
  if (found === undefined)
    throw new ProblemError(404, `line: gateway "${gateway}" has no camera "${camera}" with a line "${line}"`);
  return found.timeZone;
}

/** Audits of a line that have time in common with a span: the same crossing must not count twice. */
export async function audited(
  db: Queryable,
  { gateway, camera, line }: LineRef,
  { start, end }: Span,
): Promise<AuditRow[]> {
  return db
    .selectFrom('accuracy_audit')
    .selectAll()
    .where('gateway', '=', gateway)
    .where('camera', '=', camera)
    .where('line', '=', line)
    .where('from_at', '<', end)
    .where('to_at', '>', start)
    .orderBy('from_at')
    .execute();
}

/**
 * Store what a person tallied at the door. What the machine counted is looked at when the audits are read: it may still be on its way.
 * @param now UTC ms
 * @throws ProblemError 400 for a tally that is not over yet, 409 where the line was audited in that time already
 */
export async function addTally(
  db: Queryable,
  tally: NewTally,
  { auditor, now }: { auditor: string; now: number },
): Promise<AuditRow> {
  const { id, gateway, camera, line, from, to, light, density, note } = tally;
  const timeZone = await zoneOfLine(db, tally);
  // The clock of who counted may be a little ahead.
  if (to > now + MINUTE_MS)
    throw new ProblemError(
      400,
      `to: lies in the future (${isoWithOffset(timeZone, to)}); send it when it is over`,
    );
  const [other] = await audited(db, tally, { start: from, end: to });
  if (other !== undefined)
    throw new ProblemError(
      409,
      `from: ${other.auditor} audited this line from ${isoWithOffset(timeZone, other.from_at)} to ${isoWithOffset(timeZone, other.to_at)}; the same crossings must not count twice`,
    );
  const minutes = minutesOf(tally.crossings, { from, to });
  const truth = (way: 'in' | 'out') => tally.crossings.filter(({ direction }) => direction === way).length;
  const row: AuditRow = {
    ...{ id, gateway, camera, line, from_at: from, to_at: to, method: 'live' },
    ...{ truth_in: truth('in'), truth_out: truth('out'), minutes: JSON.stringify(minutes) },
    ...{ light, density, note, auditor, created_at: now },
    ...{ parts: null, ai_in: null, ai_out: null, model_hash: null, config_version: null },
  };
  await db.insertInto('accuracy_audit').values(row).execute();
  return row;
}

/** What a comparison says, in the columns of the table. */
export function comparedColumns(parts: readonly Part[]) {
  const sum = (way: 'in' | 'out') => parts.reduce((total, { machine }) => total + machine[way], 0);
  const newest = parts.at(-1);
  return {
    ...{ parts: JSON.stringify(parts), ai_in: sum('in'), ai_out: sum('out') },
    model_hash: newest?.modelHash ?? null,
    config_version: newest?.configVersion ?? null,
  };
}

/**
 * Read an audit with its comparison. Counts that have arrived meanwhile are compared now; once they are all there the comparison is
 * kept, because minutes are forgotten one day.
 */
export async function readAudit(db: Queryable, row: AuditRow): Promise<ReadAudit> {
  if (row.parts !== null) return { row, parts: JSON.parse(row.parts) as Part[], holes: [], waiting: false };
  const span = { start: row.from_at, end: row.to_at };
  const intervals = await intervalsIn(db, row, span);
  const tallied = JSON.parse(row.minutes ?? '[]') as TalliedMinute[];
  const { parts, holes } = compareTally(span, tallied, intervals);
  if (holes.length === 0) {
    const columns = comparedColumns(parts);
    await db.updateTable('accuracy_audit').set(columns).where('id', '=', row.id).execute();
    return { row: { ...row, ...columns }, parts, holes, waiting: false };
  }
  const waiting = holes.some(({ reason }) => reason === 'not-stored') && !(await arrivedUntil(db, row));
  const columns = waiting ? {} : comparedColumns(parts);
  return { row: { ...row, ...columns }, parts: waiting ? [] : parts, holes: waiting ? [] : holes, waiting };
}

/** Gateways send the oldest counts first: once the end of the span is there, what is missing is not on its way. */
async function arrivedUntil(db: Queryable, row: AuditRow): Promise<boolean> {
  const found = await db
    .selectFrom('line')
    .select('last_at')
    .where('gateway', '=', row.gateway)
    .where('camera', '=', row.camera)
    .where('id', '=', row.line)
    .executeTakeFirst();
  return (found?.last_at ?? 0) >= row.to_at;
}

/** Audits, those of the newest time first. */
export async function listAudits(
  db: Queryable,
  { limit, ...line }: { [Part in keyof LineRef]?: string | undefined } & { limit: number },
): Promise<ManualAudit[]> {
  let query = db
    .selectFrom('accuracy_audit')
    .selectAll()
    .orderBy('from_at', 'desc')
    .orderBy('id')
    .limit(limit);
  for (const column of ['gateway', 'camera', 'line'] as const)
    if (line[column] !== undefined) query = query.where(column, '=', line[column]);
  const audits: ManualAudit[] = [];
  for (const row of await query.execute()) audits.push(answerOf(await readAudit(db, row)));
  return audits;
}

/** As the API tells it. */
export function answerOf({ row, parts, holes, waiting }: ReadAudit): ManualAudit {
  const { id, gateway, camera, line, method, auditor, light, density, note } = row;
  return {
    ...{ id, gateway, camera, line, method, auditor, light, density, note },
    ...{ from: row.from_at, to: row.to_at, createdAt: row.created_at },
    truth: { in: row.truth_in, out: row.truth_out },
    state: waiting ? 'waiting' : parts.length === 0 ? 'not-comparable' : 'compared',
    compared: parts.length === 0 ? null : summaryOf(parts),
    leftOut: leftOutOf(holes),
    ...{ modelHash: row.model_hash, configVersion: row.config_version },
  };
}

function summaryOf(parts: readonly Part[]): NonNullable<ManualAudit['compared']> {
  const sum = {
    ...{ minutes: 0, misses: 0, extra: 0, turned: 0 },
    ...{ person: { in: 0, out: 0 }, machine: { in: 0, out: 0 } },
  };
  for (const part of parts) {
    const errors = errorsIn(part);
    sum.minutes += (part.to - part.from) / MINUTE_MS;
    for (const kind of ['misses', 'extra', 'turned'] as const) sum[kind] += errors[kind];
    for (const way of ['in', 'out'] as const) {
      sum.person[way] += part.person[way];
      sum.machine[way] += part.machine[way];
    }
  }
  return sum;
}

function leftOutOf(holes: Comparison['holes']): ManualAudit['leftOut'] {
  const minutes = new Map<Hole, number>();
  for (const { reason, ms } of holes) minutes.set(reason, (minutes.get(reason) ?? 0) + ms / MINUTE_MS);
  return [...minutes].map(([reason, count]) => ({ reason, minutes: count }));
}
