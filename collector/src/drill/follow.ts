import type { DrillStep } from '../schema/drills.js';
import type { Severity } from '../schema/incident-words.js';
import type { Queryable } from '../store/store.js';

/** What is to be seen of a drill; times are UTC ms. */
export interface Seen {
  readonly pendingAt: number | undefined;
  readonly firedAt: number | undefined;
  /** When the last alert resolved; undefined while one is open. */
  readonly clearedAt: number | undefined;
  readonly incident: { readonly id: string; readonly severity: Severity; readonly at: number } | undefined;
  /** Nobody who is on call could be paged. */
  readonly nobody: boolean;
  readonly queuedAt: number | undefined;
  /** The first page of each channel. */
  readonly sent: readonly { readonly at: number; readonly channel: string }[];
  readonly delivered: readonly { readonly at: number; readonly channel: string }[];
  readonly answer: { readonly at: number; readonly by: string; readonly channel: string } | undefined;
}

/** Where to look: alerts of a condition, at or below a site. */
export interface Place {
  readonly site: string;
  readonly rule: string;
  readonly condition: string;
}

/** Look at alerts, incident and outbox. Sites of drills have no second drill, so that whatever is there belongs to this one. */
export async function look(db: Queryable, place: Place): Promise<Seen> {
  const alerts = await alertsOf(db, place);
  const incident = await db
    .selectFrom('incident')
    .select(['id', 'severity', 'started_at as at'])
    .where((where) =>
      where.or([where('asset_path', '=', place.site), where('asset_path', 'like', `${place.site}/%`)]),
    )
    .orderBy('number')
    .limit(1)
    .executeTakeFirst();
  return {
    ...alerts,
    incident,
    ...(await pagesOf(db, incident?.id ?? '')),
    ...(await timelineOf(db, incident?.id ?? '')),
  };
}

async function alertsOf(
  db: Queryable,
  { site, rule, condition }: Place,
): Promise<Pick<Seen, 'pendingAt' | 'firedAt' | 'clearedAt'>> {
  const rows = await db
    .selectFrom('alert')
    .select(['first_true_at', 'fired_at', 'resolved_at'])
    .where('rule', '=', rule)
    .where('condition', '=', condition)
    .where((where) => where.or([where('asset_path', '=', site), where('asset_path', 'like', `${site}/%`)]))
    .execute();
  const resolved = rows.map(({ resolved_at }) => resolved_at);
  return {
    pendingAt: earliest(rows.map(({ first_true_at }) => first_true_at)),
    firedAt: earliest(rows.map(({ fired_at }) => fired_at)),
    clearedAt:
      rows.length === 0 || resolved.includes(null) ? undefined : Math.max(...resolved.map((at) => at ?? 0)),
  };
}

async function pagesOf(
  db: Queryable,
  incident: string,
): Promise<Pick<Seen, 'queuedAt' | 'sent' | 'delivered'>> {
  const rows = await db
    .selectFrom('notification')
    .select(['channel', 'created_at', 'sent_at', 'delivered_at'])
    .where('incident', '=', incident)
    .where('kind', '=', 'page')
    .execute();
  const firsts = (column: 'sent_at' | 'delivered_at') =>
    [...new Set(rows.map(({ channel }) => channel))].flatMap((channel) => {
      const at = earliest(rows.filter((row) => row.channel === channel).map((row) => row[column]));
      return at === undefined ? [] : [{ at, channel }];
    });
  return {
    queuedAt: earliest(rows.map(({ created_at }) => created_at)),
    sent: firsts('sent_at'),
    delivered: firsts('delivered_at'),
  };
}

async function timelineOf(db: Queryable, incident: string): Promise<Pick<Seen, 'nobody' | 'answer'>> {
  const rows = await db
    .selectFrom('incident_event')
    .select(['kind', 'at', 'actor as by', 'channel'])
    .where('incident', '=', incident)
    .where('kind', 'in', ['acknowledge', 'resolve', 'nobody-to-page'])
    .orderBy('seq')
    .execute();
  // Whoever resolves it at once has answered, too.
  const answer = rows.find(({ kind }) => kind !== 'nobody-to-page');
  return {
    nobody: rows.some(({ kind }) => kind === 'nobody-to-page'),
    answer: answer === undefined ? undefined : { at: answer.at, by: answer.by, channel: answer.channel },
  };
}

function earliest(times: readonly (number | null)[]): number | undefined {
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** What was seen, as steps in the order of their times. */
export function stepsOf(
  seen: Seen,
  { faultAt, mendedAt }: { faultAt: number; mendedAt: number | undefined },
): DrillStep[] {
  const { incident, answer } = seen;
  const one = (step: DrillStep['step'], at: number | undefined, detail = '') =>
    at === undefined ? [] : [{ step, at, detail }];
  return [
    ...one('fault', faultAt),
    ...one('pending', seen.pendingAt),
    ...one('firing', seen.firedAt),
    ...one('incident', incident?.at, incident && `${incident.id}, ${incident.severity}`),
    ...one('queued', seen.queuedAt),
    ...seen.sent.flatMap(({ at, channel }) => one('sent', at, channel)),
    ...seen.delivered.flatMap(({ at, channel }) => one('delivered', at, channel)),
    ...one('acknowledged', answer?.at, answer && `${answer.by}, ${answer.channel}`),
    ...one('mended', mendedAt),
    ...one('resolved', seen.clearedAt),
  ].sort((first, second) => first.at - second.at);
}
