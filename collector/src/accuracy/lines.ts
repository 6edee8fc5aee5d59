import { setImmediate } from 'node:timers/promises';
import type { DueReason, LineAccuracy } from '../schema/accuracy.js';
import type { LineRef } from '../schema/manual-audits.js';
import type { Store } from '../store/store.js';
import { evidenceSince, lineKey } from './evidence.js';
import { poseChanges } from './pose.js';
import { readRisks } from './read-risks.js';
import { worstStratum, type Evidence } from './strata.js';
import { assess, eventsNeeded, type Assessment } from './verdict.js';

const DAY_MS = 24 * 3_600_000;
/** An audit is good for a quarter of a year; operations: rule accuracy-due. */
const GOOD_FOR_MS = 100 * DAY_MS;

/**
 * Accuracy of every line in use from what people counted in the last hundred days: clips at its gateway, live tallies, imported
 * counts. What was audited before the newest model, configuration or pose of the camera says nothing about today; where there is
 * nothing since, the line is due.
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
    const today = await newestSource(store, line);
    const moved = poses.get(`${line.gateway}/${line.camera}`) ?? -Infinity;
    const current = all.filter((one) => one.from >= moved && fits(one, today));
    const assessment = assess(current);
    answers.push({
      ...line,
      directions: { in: nameIn, out: nameOut },
      clips: current.filter(({ audit }) => audit === null).length,
      audits: new Set(current.flatMap(({ audit }) => audit ?? [])).size,
      ...assessment,
      eventsNeeded: eventsNeeded(assessment.accuracy ?? 1),
      worst: worstStratum(current, line.timeZone),
      lastAuditAt: all.reduce<number | null>((last, one) => Math.max(last ?? 0, one.answeredAt), null),
      due: await dueReason(store, line, {
        ...{ all, current, today, moved, since, verdict: assessment.verdict },
        risk: risks.since.get(lineKey(line)),
      }),
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
async function newestSource(store: Store, { gateway, camera, line }: LineRef): Promise<Source | undefined> {
  return store
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

interface Found {
  readonly all: readonly Evidence[];
  readonly current: readonly Evidence[];
  readonly today: Source | undefined;
  /** When the camera was moved for good; UTC ms. */
  readonly moved: number;
  /** Nothing from before is in `all`; UTC ms. */
  readonly since: number;
  readonly verdict: Assessment['verdict'];
  /** Since when something has looked wrong; UTC ms. */
  readonly risk: number | undefined;
}

async function dueReason(store: Store, line: LineRef, found: Found): Promise<DueReason | null> {
  const { all, current, today, moved, since, verdict, risk } = found;
  if (current.length > 0) {
    // Who counted while it was there has answered it.
    if (risk !== undefined && current.every(({ to }) => to <= risk)) return 'risk';
    return verdict === 'inconclusive' ? 'too-few' : null;
  }
  const last = all.at(-1);
  if (last === undefined) return (await auditedBefore(store, line, since)) ? 'too-old' : 'never-audited';
  if (last.modelHash !== today?.modelHash) return 'model-changed';
  return last.from < moved ? 'pose-changed' : 'config-changed';
}

async function auditedBefore(
  store: Store,
  { gateway, camera, line }: LineRef,
  before: number,
): Promise<boolean> {
  const clips = store.selectFrom('audit_clip').select('line').where('at', '<', before);
  const audits = store.selectFrom('accuracy_audit').select('line').where('from_at', '<', before);
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
