import type { RuleChange, RuleVersions } from '../schema/alert-rules.js';
import type { RuleOverride } from '../schema/alerts.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable } from '../store/store.js';
import type { AlertRule } from './rule.js';
import { defaultRule, overridden } from './rules.js';
import { SIGNALS } from './signal.js';

/** Every version of a rule, the newest first, with what it changed. @throws ProblemError 404 when there is no such rule */
export async function ruleVersions(db: Queryable, slug: string): Promise<RuleVersions> {
  const rule = defaultRule(slug);
  if (rule === undefined) throw new ProblemError(404, `there is no rule "${slug}"`);
  const rows = await db
    .selectFrom('alert_rule')
    .selectAll()
    .where('slug', '=', slug)
    .orderBy('version')
    .execute();
  let before: RuleOverride = {};
  const versions = rows.map(({ version, author, at, override: stored }) => {
    const override = JSON.parse(stored) as RuleOverride;
    const changes = changesOf(rule, before, override);
    before = override;
    return { version, author, at, override, changes };
  });
  const { keepS: keepSeconds, severity, conditions } = rule;
  return {
    default: {
      ...{ keepSeconds, severity },
      conditions: conditions.map(({ name, threshold, clear, forS, severity: of }) => ({
        ...{ name, threshold, clear, forSeconds: forS, severity: of },
      })),
    },
    versions: versions.reverse(),
  };
}

/** What really differs between two versions: an override that says what the default says changes nothing. */
export function changesOf(rule: AlertRule, before: RuleOverride, after: RuleOverride): RuleChange[] {
  const [one, two] = [overridden(rule, before), overridden(rule, after)];
  const whole = { condition: '', unit: '' };
  const all: RuleChange[] = [
    { field: 'enabled', ...whole, before: one.enabled, after: two.enabled },
    { field: 'keepSeconds', condition: '', unit: 's', before: one.keepS, after: two.keepS },
    ...one.conditions.flatMap((old, index): RuleChange[] => {
      const next = two.conditions[index] ?? old;
      const [condition, unit] = [old.name, SIGNALS[old.signal].unit];
      return [
        { field: 'threshold', condition, unit, before: old.threshold, after: next.threshold },
        { field: 'clear', condition, unit, before: old.clear, after: next.clear },
        { field: 'forSeconds', condition, unit: 's', before: old.forS, after: next.forS },
        { field: 'severity', condition, unit: '', before: old.severity, after: next.severity },
      ];
    }),
  ];
  return all.filter((change) => change.before !== change.after);
}
