import type { DryRunAnswer, DryRunQuery } from '../schema/alerts.js';
import { ProblemError } from '../schema/problem.js';
import type { Store } from '../store/store.js';
import { isStored, timelines, type HistorySpan, type Timeline } from './history.js';
import { moved, nextMove, opened, type Instance, type Seen } from './machine.js';
import { isTrue, type AlertRule, type Condition } from './rule.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './signal.js';

/** Alerts that are named one by one. */
const EXAMPLES = 10;
/** Hours of the site's clock in which a page wakes somebody. */
const NIGHT = { from: 22, to: 6 };

/** An alert that would have been; UTC ms. */
export interface Firing {
  readonly from: number;
  /** Null while it still fires at the end. */
  readonly to: number | null;
}

/**
 * What a rule would have done in the last days with other values, by the history that is stored.
 * @throws ProblemError 400 for a condition that the rule does not have, 409 for one whose history is not stored
 */
export async function dryRun(
  store: Store,
  rule: AlertRule,
  query: DryRunQuery,
  now: number,
): Promise<DryRunAnswer> {
  const condition = conditionOf(rule, query);
  const keepMs = 1000 * (query.keepSeconds ?? rule.keepS);
  const span = { from: now - query.days * DAY_MS, to: now };
  const found: (Firing & Pick<Timeline, 'asset' | 'timeZone'>)[] = [];
  let places = 0;
  for await (const { asset, timeZone, points } of timelines(store, condition.signal, span)) {
    places += 1;
    for (const firing of firings(points, { condition, keepMs, span }))
      found.push({ ...firing, asset, timeZone });
  }
  const lengths = found.map(({ from, to }) => (to ?? now) - from);
  const longestMs = lengths.length === 0 ? null : Math.max(...lengths);
  const atNight = found.filter(({ from, timeZone }) => isNight(from, timeZone)).length;
  return {
    ...{ ...span, condition: condition.name, places, fired: found.length, atNight, longestMs },
    openNow: found.filter(({ to }) => to === null).length,
    examples: found
      .sort((a, b) => b.from - a.from)
      .slice(0, EXAMPLES)
      .map(({ asset, from, to }) => ({ asset, from, to })),
    sentence: sentenceOf({ days: query.days, fired: found.length, atNight, longestMs }),
  };
}

function conditionOf(rule: AlertRule, query: DryRunQuery): Condition {
  const names = rule.conditions.map(({ name }) => `"${name}"`).join(', ');
  const condition =
    query.condition === undefined
      ? rule.conditions.find(({ signal }) => isStored(signal))
      : rule.conditions.find(({ name }) => name === query.condition);
  if (condition === undefined && query.condition !== undefined)
    throw new ProblemError(400, `condition: ${rule.slug} has none "${query.condition}"; it has ${names}`);
  if (condition === undefined || !isStored(condition.signal))
    throw new ProblemError(
      409,
      `${rule.slug}: what it measures is not kept as history; switch it on and watch it instead`,
    );
  const { threshold = condition.threshold, clear = condition.clear, forSeconds = condition.forS } = query;
  // A threshold of one's own without a way back is its own way back.
  const back = query.threshold !== undefined && query.clear === undefined ? threshold : clear;
  return { ...condition, threshold, clear: back, forS: forSeconds };
}

/** When a rule would have fired at one place: the same moves as the engine makes, at every change and when a timer ends. */
export function firings(
  points: Timeline['points'],
  { condition, keepMs, span }: { condition: Condition; keepMs: number; span: HistorySpan },
): Firing[] {
  const found: Firing[] = [];
  const forMs = 1000 * condition.forS;
  let current: Instance | undefined;
  const look = (seen: Seen, now: number) => {
    // Periods do not matter: the history says itself where it knows nothing.
    const timing = { now, forMs, keepMs, periodMs: Infinity, enough: true };
    const move = nextMove(current, seen, timing);
    if (move.kind === 'open') current = opened(now);
    else if (move.kind === 'drop') current = undefined;
    else if (current !== undefined) current = moved(current, move, now);
    if (current?.state === 'resolved') {
      found.push({ from: current.firedAt ?? now, to: now });
      current = undefined;
    }
    return move.kind !== 'none';
  };
  for (const [index, { at, value }] of points.entries()) {
    const until = points[index + 1]?.at ?? span.to;
    const seen = () => seenOf(condition, value, current);
    while (look(seen(), at));
    for (let due = dueOf(current, forMs, keepMs); due !== undefined && due > at && due <= until;) {
      while (look(seen(), due));
      const next = dueOf(current, forMs, keepMs);
      due = next === due ? undefined : next;
    }
  }
  if (current !== undefined && current.firedAt !== null) found.push({ from: current.firedAt, to: null });
  return found;
}

function seenOf(
  condition: Condition,
  value: Timeline['points'][number]['value'],
  current: Instance | undefined,
): Seen {
  if (typeof value === 'string') return value;
  return isTrue(condition, value, current !== undefined && current.state !== 'pending') ? 'true' : 'false';
}

function dueOf(current: Instance | undefined, forMs: number, keepMs: number): number | undefined {
  if (current?.state === 'pending') return current.firstTrueAt + forMs;
  return current?.state === 'clearing' ? (current.clearingAt ?? 0) + keepMs : undefined;
}

function isNight(at: number, timeZone: string): boolean {
  const hour = Number(
    new Intl.DateTimeFormat('en', { hour: 'numeric', hourCycle: 'h23', timeZone }).format(at),
  );
  return hour >= NIGHT.from || hour < NIGHT.to;
}

function sentenceOf(run: { days: number; fired: number; atNight: number; longestMs: number | null }): string {
  const { days, fired, atNight, longestMs } = run;
  const within = `in the last ${days} ${days === 1 ? 'day' : 'days'}`;
  if (longestMs === null) return `would not have fired ${within}`;
  const times = fired === 1 ? 'once' : `${fired} times`;
  return `would have fired ${times} ${within}, ${lengthOf(longestMs)} at the longest, ${atNight} at night`;
}

function lengthOf(ms: number): string {
  if (ms >= HOUR_MS) return `${(ms / HOUR_MS).toFixed(1)} h`;
  return `${Math.max(1, Math.round(ms / MINUTE_MS))} min`;
}
