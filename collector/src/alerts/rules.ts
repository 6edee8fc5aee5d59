import type { RuleOverride } from '../schema/alerts.js';
import { ListedError, ProblemError } from '../schema/problem.js';
import type { Queryable } from '../store/store.js';
import type { AlertRule } from './rule.js';
import { COLLECTOR_RULES } from './rules-collector.js';
import { FLEET_RULES } from './rules-fleet.js';

/** The default rules of the operations design, in its order. */
export const DEFAULT_RULES: readonly AlertRule[] = [...FLEET_RULES, ...COLLECTOR_RULES];

/** A rule as it counts now. */
export interface CurrentRule extends AlertRule {
  /** 0 for the default as it is. */
  readonly version: number;
  readonly enabled: boolean;
  readonly override: RuleOverride;
}

/** The default rule with a slug; undefined for none. */
export function defaultRule(slug: string): AlertRule | undefined {
  return DEFAULT_RULES.find((rule) => rule.slug === slug);
}

/** Every rule with what people changed of it. */
export async function currentRules(db: Queryable): Promise<CurrentRule[]> {
  const rows = await db.selectFrom('alert_rule').selectAll().orderBy('version').execute();
  const newest = new Map(rows.map((row) => [row.slug, row]));
  return DEFAULT_RULES.map((rule) => {
    const row = newest.get(rule.slug);
    const override = row === undefined ? {} : (JSON.parse(row.override) as RuleOverride);
    return { ...overridden(rule, override), version: row?.version ?? 0 };
  });
}

/** A rule with what people changed of it. @throws ProblemError 404 when there is none */
export async function currentRule(db: Queryable, slug: string): Promise<CurrentRule> {
  const rule = (await currentRules(db)).find((one) => one.slug === slug);
  if (rule === undefined) throw new ProblemError(404, `there is no rule "${slug}"`);
  return rule;
}

/** A default rule with other values; an override that names a severity or a length names it for all conditions. */
export function overridden(rule: AlertRule, override: RuleOverride): Omit<CurrentRule, 'version'> {
  const { enabled = true, forSeconds, keepSeconds, severity, thresholds = {}, clears = {} } = override;
  return {
    ...rule,
    ...{ enabled, override, keepS: keepSeconds ?? rule.keepS, severity: severity ?? rule.severity },
    conditions: rule.conditions.map((condition) => ({
      ...condition,
      forS: forSeconds ?? condition.forS,
      severity: severity ?? condition.severity,
      threshold: thresholds[condition.name] ?? condition.threshold,
      clear: clears[condition.name] ?? condition.clear,
    })),
  };
}

/** @throws ListedError when a rule cannot be changed so: where, and how to mend it */
export function checkOverride(rule: AlertRule, override: RuleOverride): void {
  const known = rule.conditions.map(({ name }) => name);
  const names = known.map((one) => `"${one}"`).join(', ');
  const errors: { path: string; message: string }[] = [];
  for (const field of ['thresholds', 'clears'] as const)
    for (const name of Object.keys(override[field] ?? {}))
      if (!known.includes(name))
        errors.push({ path: field, message: `${rule.slug} has no condition "${name}"; it has ${names}` });
  for (const { name, op, threshold, clear } of overridden(rule, override).conditions) {
    const beyond =
      op === '>' || op === '>=' ? (clear ?? threshold) > threshold : (clear ?? threshold) < threshold;
    if (beyond)
      errors.push({
        path: name === '' ? 'clears' : `clears.${name}`,
        message: `"${name}" opens at ${threshold} and would be over at ${clear ?? 0} already; let it end on the other side`,
      });
  }
  if (errors.length > 0) throw new ListedError(errors);
}

/** Keep another version of a rule; the ones before stay as they were. @returns its version */
export async function saveOverride(
  db: Queryable,
  { slug, override, author }: { slug: string; override: RuleOverride; author: string },
  now: number,
): Promise<number> {
  const { newest } = await db
    .selectFrom('alert_rule')
    .select(({ fn }) => fn.max<number | null>('version').as('newest'))
    .where('slug', '=', slug)
    .executeTakeFirstOrThrow();
  const version = (newest ?? 0) + 1;
  await db
    .insertInto('alert_rule')
    .values({ slug, version, override: JSON.stringify(override), author, at: now })
    .execute();
  return version;
}
