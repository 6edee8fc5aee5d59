import { setImmediate } from 'node:timers/promises';
import type { DueReason, LineAccuracy } from '../schema/accuracy.js';
import type { LineRef } from '../schema/manual-audits.js';
import type { Queryable, Store } from '../store/store.js';
import { evidenceSince, lineKey } from './evidence.js';
import { poseChanges } from './pose.js';
import { newestRisk, readRisks } from './read-risks.js';
import { worstStratum, type Evidence } from './strata.js';
import { assess, eventsNeeded, type Assessment } from './verdict.js';

const DAY_MS = 24 * 3_600_000;
/** An audit is good for a quarter of a year; operations: rule accuracy-due. */
export const GOOD_FOR_MS = 100 * DAY_MS;

/** What is known of a line before it is judged. */
export interface Known {
  /** Evidence that is still good, the newest last. */
  readonly all: readonly Evidence[];
  /** Nothing from before is in `all`; UTC ms. */
  readonly since: number;
  /** When its camera was moved for good; UTC ms, -Infinity where it was not. */
  readonly moved: number;
  /** Since when something has looked wrong; UTC ms. */
  readonly risk: number | undefined;
}

/** What audits say of a line today. */
export interface Judged {
  /** What of the evidence still counts. */
  readonly current: readonly Evidence[];
  /** With what its newest counts were made; undefined before the first. */
  readonly today: Source | undefined;
  readonly assessment: Assessment;
  readonly due: DueReason | null;
}

/**
 * Judge a line. What was audited before the newest model, configuration or pose of the camera says nothing about today; where there
 * is nothing since, the line is due.
 */
export async function judge(db: Queryable, line: LineRef, known: Known): Promise<Judged> {
  const today = await newestSource(db, line);
  const current = known.all.filter((one) => one.from >= known.moved && fits(one, today));
  const assessment = assess(current);
  const { verdict } = assessment;
  const due = await dueReason(db, line, { ...known, current, today, verdict });
  return { current, today, assessment, due };
}

/**
 * Accuracy of every line in use from what people counted in the last hundred days: clips at its gateway, live tallies, imported
 * counts. Takes seconds for thousands of lines: what only needs the verdicts reads those that are stored.
 */
export async function linesAccuracy(store: Store, now: number): Promise<LineAccuracy[]> {
  const since = now - GOOD_FOR_MS;
  const evidence = await evidenceSince(store, since);
  const poses = await poseChanges(store, since);
  const risks = await readRisks(store, now);
  const answers: LineAccuracy[] = [];
  for (const { nameIn, nameOut, ...line } of await linesInUse(store)) {
    // SQLite works in this thread: gateways and pages get their turn.
    await setImmediate();
    const all = evidence.get(lineKey(line)) ?? [];
    const moved = poses.get(`${line.gateway}/${line.camera}`) ?? -Infinity;
    const risk = newestRisk(risks.byLine.get(lineKey(line)));
    const { current, assessment, due } = await judge(store, line, { all, since, moved, risk });
    answers.push({
      ...line,
      directions: { in: nameIn, out: nameOut },
      clips: current.filter(({ audit }) => audit === null).length,
      audits: new Set(current.flatMap(({ audit }) => audit ?? [])).size,
      ...assessment,
      eventsNeeded: eventsNeeded(assessment.accuracy ?? 1),
      worst: worstStratum(current, line.timeZone),
      lastAuditAt: all.reduce<number | null>((last, one) => Math.max(last ?? 0, one.answeredAt), null),
      due,
    });
  }
  return answers;
}

async function linesInUse(store: Store) {
  return store
    .selectFrom('line')
    .innerJoin('camera', (join) =>
      join.onRef('camera.gateway', '=', 'line.gateway').onRef('camera.id', '=', 'line.camera'),
    )
    .innerJoin('gateway', 'gateway.name', 'line.gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .select(['line.gateway', 'line.camera', 'line.id as line', 'line.name as lineName'])
    .select(['line.name_in as nameIn', 'line.name_out as nameOut'])
    .select(['camera.name as cameraName', 'site.name as site', 'site.time_zone as timeZone'])
    .where('line.present', '=', 1)
    .orderBy('site.name')
    .orderBy('line.gateway')
    .orderBy('line.camera')
    .orderBy('line.id')
    .execute();
}

/** What counts are made with. */
type Source = Pick<Evidence, 'modelHash' | 'configVersion'>;

/** Of the newest interval; undefined before the first. */
async function newestSource(db: Queryable, { gateway, camera, line }: LineRef): Promise<Source | undefined> {
  return db
    .selectFrom('count_interval')
    .select(['model_hash as modelHash', 'config_version as configVersion'])
    .where('gateway', '=', gateway)
    .where('camera', '=', camera)
    .where('line', '=', line)
    .orderBy('start_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}

function fits(one: Source, today: Source | undefined): boolean {
  return (
    today === undefined || (one.modelHash === today.modelHash && one.configVersion === today.configVersion)
  );
}

type Found = Known & Pick<Judged, 'current' | 'today'> & Pick<Assessment, 'verdict'>;

async function dueReason(db: Queryable, line: LineRef, found: Found): Promise<DueReason | null> {
  const { all, current, today, moved, since, verdict, risk } = found;
  if (current.length > 0) {
    // Who counted while it was there has answered it.
    if (risk !== undefined && current.every(({ to }) => to <= risk)) return 'risk';
    return verdict === 'inconclusive' ? 'too-few' : null;
  }
  const last = all.at(-1);
  if (last === undefined) return (await auditedBefore(db, line, since)) ? 'too-old' : 'never-audited';
  if (last.modelHash !== today?.modelHash) return 'model-changed';
  return last.from < moved ? 'pose-changed' : 'config-changed';
}

async function auditedBefore(
  db: Queryable,
  { gateway, camera, line }: LineRef,
  before: number,
): Promise<boolean> {
  const clips = db.selectFrom('audit_clip').select('line').where('at', '<', before);
  const audits = db.selectFrom('accuracy_audit').select('line').where('from_at', '<', before);
  for (const query of [clips, audits] as const) {
    const found = await (query as typeof clips)
      .where('gateway', '=', gateway)
      .where('camera', '=', camera)
      .where('line', '=', line)
      .limit(1)
      .executeTakeFirst();
    if (found !== undefined) return true;
  }
  return false;
}
