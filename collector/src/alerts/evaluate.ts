import { nextMove, type Instance, type Move, type Seen, type Timing } from './machine.js';
import type { Reading } from './reader.js';
import { instanceOf, type OpenAlert } from './rows.js';
import { isTrue, type Condition } from './rule.js';
import type { CurrentRule } from './rules.js';
import { SIGNALS, type Sample, type SignalName } from './signal.js';

const SECOND_MS = 1000;

/** What becomes of one alert, or of one place whose condition has become true. */
export interface Step {
  /** Undefined for one that opens. */
  readonly row: OpenAlert | undefined;
  readonly instance: Instance | undefined;
  readonly move: Move;
  readonly timing: Timing;
  /** Undefined when the place or its rule is gone. */
  readonly rule: CurrentRule | undefined;
  readonly condition: Condition | undefined;
  readonly sample: Sample | undefined;
  readonly key: string;
}

/** Names a condition at a place; of those that are not resolved there is one. */
export function dedupKey(slug: string, condition: string, { asset, dim = '' }: Sample): string {
  return `${slug}:${asset.path}${condition === '' ? '' : `:${condition}`}${dim === '' ? '' : `:${dim}`}`;
}

/** Compare what was read with the rules. One pass over all samples: pure, and no query per place. */
export function evaluate(
  rules: readonly CurrentRule[],
  readings: ReadonlyMap<SignalName, Reading>,
  rows: readonly OpenAlert[],
  now: number,
): Step[] {
  const left = new Map(rows.map((row) => [row.dedup_key, row]));
  const inUse = new Set(rows.map(({ rule, condition }) => `${rule}:${condition}`));
  const steps: Step[] = [];
  for (const rule of rules.filter(({ enabled }) => enabled))
    for (const condition of rule.conditions) {
      const reading = readings.get(condition.signal);
      const used = inUse.has(`${rule.slug}:${condition.name}`);
      for (const sample of reading?.samples ?? []) {
        // Most places are well and have no alert: they cost no text.
        if (!used && !opens(condition, sample)) continue;
        const key = dedupKey(rule.slug, condition.name, sample);
        const row = left.get(key);
        if (row === undefined && !opens(condition, sample)) continue;
        left.delete(key);
        if (row !== undefined && waitsOn(row, condition, sample, now)) continue;
        const periodMs = reading?.periodMs ?? 0;
        steps.push(
          stepOf({ row, rule, condition, sample, key }, seenIn(condition, sample, row), { now, periodMs }),
        );
      }
    }
  for (const row of left.values()) steps.push(absent(row, rules, readings, now));
  return steps;
}

function opens(condition: Condition, { value }: Sample): boolean {
  return typeof value === 'number' && isTrue(condition, value, false);
}

/** Whether nothing happens to a pending alert yet; thousands wait for days. */
function waitsOn(row: OpenAlert, condition: Condition, sample: Sample, now: number): boolean {
  const early = row.state === 'pending' && now - row.first_true_at < condition.forS * SECOND_MS;
  return early && opens(condition, sample);
}

function seenIn(condition: Condition, { value }: Sample, row: OpenAlert | undefined): Seen {
  if (typeof value === 'string') return value;
  const open = row !== undefined && row.state !== 'pending';
  return isTrue(condition, value, open) ? 'true' : 'false';
}

/** An alert whose place was not named. */
function absent(
  row: OpenAlert,
  rules: readonly CurrentRule[],
  readings: ReadonlyMap<SignalName, Reading>,
  now: number,
): Step {
  const rule = rules.find(({ slug, enabled }) => enabled && slug === row.rule);
  const condition = rule?.conditions.find(({ name }) => name === row.condition);
  const found = { row, rule, condition, sample: undefined, key: row.dedup_key };
  if (condition === undefined) return stepOf(found, 'gone', { now, periodMs: 0 });
  const reading = readings.get(condition.signal);
  const periodMs = reading?.periodMs ?? 0;
  if (reading === undefined || reading.failed) return stepOf(found, 'unknown', { now, periodMs });
  if (SIGNALS[condition.signal].gone === 'removed') return stepOf(found, 'gone', { now, periodMs });
  const seen = isTrue(condition, 0, row.state !== 'pending') ? 'true' : 'false';
  return stepOf(found, seen, { now, periodMs });
}

function stepOf(
  found: Omit<Step, 'instance' | 'move' | 'timing'>,
  seen: Seen,
  { now, periodMs }: { now: number; periodMs: number },
): Step {
  const { row, rule, condition, sample } = found;
  const timing: Timing = {
    ...{ now, periodMs, forMs: (condition?.forS ?? 0) * SECOND_MS, keepMs: (rule?.keepS ?? 0) * SECOND_MS },
    enough: sample?.samples === undefined || sample.samples >= (condition?.minSamples ?? 0),
  };
  const instance = row === undefined ? undefined : instanceOf(row);
  return { ...found, instance, timing, move: nextMove(instance, seen, timing) };
}
