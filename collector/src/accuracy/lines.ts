import { auditRecordSchema, type AuditResult } from '@headcount/shared';
import { bucketAt } from '../counts/zone.js';
import type { DueReason, LineAccuracy } from '../schema/accuracy.js';
import type { Store } from '../store/store.js';
import { assess, eventsNeeded, type Assessment } from './verdict.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** An audit is good for a quarter of a year; operations: rule accuracy-due. */
const GOOD_FOR_MS = 100 * DAY_MS;
/** Parts of the site day that light and crowds make different: each begins at its hour. */
const PARTS = [0, 6, 10, 16, 20, 24] as const;

/** What counts of a line that is in use. */
interface Line {
  readonly gateway: string;
  readonly camera: string;
  readonly line: string;
  readonly timeZone: string;
}

/**
 * Accuracy of every line in use from the clips that people audited at its gateway in the last hundred days. Clips from before
 * the newest model or configuration say nothing about today; where there are none since, the line is due.
 */
export async function linesAccuracy(store: Store, now: number): Promise<LineAccuracy[]> {
  const lines = await store
    .selectFrom('line')
    .innerJoin('camera', (join) =>
      join.onRef('camera.gateway', '=', 'line.gateway').onRef('camera.id', '=', 'line.camera'),
    )
    .innerJoin('gateway', 'gateway.name', 'line.gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .select(['line.gateway', 'line.camera', 'line.id as line', 'line.name as lineName'])
    .select(['camera.name as cameraName', 'site.name as site', 'site.time_zone as timeZone'])
    .where('line.present', '=', 1)
    .orderBy('site.name')
    .orderBy('line.gateway')
    .orderBy('line.camera')
    .orderBy('line.id')
    .execute();
  const clips = await clipsSince(store, now - GOOD_FOR_MS);
  const answers: LineAccuracy[] = [];
  for (const { timeZone, ...line } of lines) {
    const all = clips.get(`${line.gateway}/${line.camera}/${line.line}`) ?? [];
    const today = await newestSource(store, line);
    const current = all.filter(({ modelHash, configVersion }) => fits({ modelHash, configVersion }, today));
    const assessment = assess(current);
    answers.push({
      ...line,
      ...assessment,
      eventsNeeded: assessment.accuracy === null ? eventsNeeded(1) : eventsNeeded(assessment.accuracy),
      worst: worstPart(current, timeZone),
      lastAuditAt: all.at(-1)?.answeredAt ?? null,
      due: await dueReason(
        store,
        { ...line, timeZone },
        { all, current, today, verdict: assessment.verdict },
      ),
    });
  }
  return answers;
}

/** Clips of every line, the newest last. */
async function clipsSince(store: Store, from: number): Promise<Map<string, AuditResult[]>> {
  const rows = await store
    .selectFrom('audit_clip')
    .select(['gateway', 'camera', 'line', 'body'])
    .where('at', '>=', from)
    .orderBy('at')
    .execute();
  const clips = new Map<string, AuditResult[]>();
  for (const { gateway, camera, line, body } of rows) {
    const key = `${gateway}/${camera}/${line}`;
    const known = clips.get(key) ?? [];
    clips.set(key, known);
    known.push(auditRecordSchema.parse(JSON.parse(body)).result);
  }
  return clips;
}

/** What counts are made with. */
type Source = Pick<AuditResult, 'modelHash' | 'configVersion'>;

/** Of the newest interval; undefined before the first. */
async function newestSource(
  store: Store,
  { gateway, camera, line }: Omit<Line, 'timeZone'>,
): Promise<Source | undefined> {
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

function fits(clip: Source, today: Source | undefined): boolean {
  return (
    today === undefined || (clip.modelHash === today.modelHash && clip.configVersion === today.configVersion)
  );
}

async function dueReason(
  store: Store,
  { gateway, camera, line }: Line,
  found: {
    all: AuditResult[];
    current: AuditResult[];
    today: Source | undefined;
    verdict: Assessment['verdict'];
  },
): Promise<DueReason | null> {
  const { all, current, today, verdict } = found;
  if (current.length > 0) return verdict === 'inconclusive' ? 'too-few' : null;
  const last = all.at(-1);
  if (last !== undefined) return last.modelHash === today?.modelHash ? 'config-changed' : 'model-changed';
  const ever = await store
    .selectFrom('audit_clip')
    .select('seq')
    .where('gateway', '=', gateway)
    .where('camera', '=', camera)
    .where('line', '=', line)
    .limit(1)
    .executeTakeFirst();
  return ever === undefined ? 'never-audited' : 'too-old';
}

function worstPart(clips: readonly AuditResult[], timeZone: string): LineAccuracy['worst'] {
  const parts = PARTS.slice(0, -1).flatMap((fromHour, index) => {
    const toHour = PARTS[index + 1] ?? 24;
    const inside = clips.filter(({ from }) => {
      const hour = Math.floor((from - bucketAt(timeZone, 'day', from).start) / HOUR_MS);
      return hour >= fromHour && hour < toHour;
    });
    const found = assess(inside);
    return found.accuracy === null ? [] : [{ fromHour, toHour, ...found }];
  });
  if (parts.length < 2) return null;
  return parts.reduce((worst, part) => ((part.accuracy ?? 1) < (worst.accuracy ?? 1) ? part : worst));
}
