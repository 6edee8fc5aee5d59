import type { RuleTrial } from '../schema/alert-rules.js';
import type { RuleOverride } from '../schema/alerts.js';
import { ProblemError } from '../schema/problem.js';
import type { Store } from '../store/store.js';
import { firings, type Firing } from './dry-run.js';
import { canDryRun, isStored, timelines, type HistorySpan, type Timeline } from './history.js';
import { groupKey } from './rows.js';
import { checkOverride, defaultRule, overridden, type CurrentRule } from './rules.js';
import { DAY_MS, MINUTE_MS } from './signal.js';

/**
 * An incident goes on for the quarter of an hour that its alerts must stay away and for the half hour in which it is opened
 * again; operations design, incidents (ms).
 */
const SAME_INCIDENT_MS = 45 * MINUTE_MS;

type Version = ReturnType<typeof overridden>;
type Found = Firing & { readonly group: string; readonly pages: boolean };

/**
 * What a rule as it is and as it would be would have done in the last days, by the history that is stored.
 * @param now UTC ms
 * @throws ListedError for what saving refuses, ProblemError 409 when no history of the rule is stored
 */
export async function tryOverride(
  store: Store,
  rule: CurrentRule,
  { override, days }: { override: RuleOverride; days: number },
  now: number,
): Promise<RuleTrial> {
  checkOverride(rule, override);
  if (!canDryRun(rule)) throw new ProblemError(409, `${rule.slug}: what it measures is not kept as history`);
  const span = { from: now - days * DAY_MS, to: now };
  const changed = overridden(defaultRule(rule.slug) ?? rule, override);
  const [before, after]: [Found[], Found[]] = [[], []];
  for (const [index, { signal }] of rule.conditions.entries()) {
    if (!isStored(signal)) continue;
    for await (const timeline of timelines(store, signal, span)) {
      before.push(...foundIn(timeline, { rule, index, span }));
      after.push(...foundIn(timeline, { rule: changed, index, span }));
    }
  }
  return {
    ...span,
    ...{ before: outcomeOf(before), after: outcomeOf(after) },
    untold: rule.conditions.filter(({ signal }) => !isStored(signal)).map(({ name }) => name),
  };
}

function foundIn(
  { asset, points }: Timeline,
  { rule, index, span }: { rule: Version; index: number; span: HistorySpan },
): Found[] {
  const condition = rule.conditions[index];
  if (condition === undefined || !rule.enabled) return [];
  const group = groupKey(rule.groupBy, asset.path);
  const pages = condition.severity !== 'low';
  const found = firings(points, { condition, keepMs: 1000 * rule.keepS, span });
  return found.map((firing) => ({ ...firing, group, pages }));
}

function outcomeOf(found: readonly Found[]): RuleTrial['before'] {
  return { fired: found.length, paged: pagesOf(found) };
}

/** How many incidents the alerts would have opened: one lasts until its group has been quiet for long enough. */
export function pagesOf(found: readonly Found[]): number {
  const quietFrom = new Map<string, number>();
  let pages = 0;
  for (const { from, to, group } of found.filter((one) => one.pages).sort((a, b) => a.from - b.from)) {
    const end = quietFrom.get(group);
    if (end === undefined || from > end + SAME_INCIDENT_MS) pages += 1;
    quietFrom.set(group, Math.max(end ?? 0, to ?? Infinity));
  }
  return pages;
}
