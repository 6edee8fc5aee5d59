import { RULE_TEXTS } from './rule-texts.js';
import type { AlertRule, Condition, GroupBy } from './rule.js';
import type { Severity, SignalName } from './signal.js';

const RANK: readonly Severity[] = ['low', 'medium', 'high', 'critical'];

interface ConditionDraft {
  readonly clear: number | null;
  readonly severity: Severity;
  /** Seconds. */
  readonly for: number;
  readonly name?: string;
  readonly minSamples?: number;
}

/** A condition: `when('host.cpu', '>', 90, { clear: 80, … })`. */
export function when(
  signal: SignalName,
  op: Condition['op'],
  threshold: number,
  draft: ConditionDraft,
): Condition {
  const { clear, severity, for: forS, name = '', minSamples = 0 } = draft;
  return { name, signal, op, threshold, clear, severity, forS, minSamples };
}

interface RuleDraft {
  readonly number: number;
  readonly slug: keyof typeof RULE_TEXTS;
  readonly groupBy: GroupBy;
  readonly inhibitedBy?: readonly string[];
  readonly runbook: string;
  /** Seconds. */
  readonly keep: number;
  readonly conditions: readonly Condition[];
}

/** A rule with its texts. */
export function rule({ slug, keep, inhibitedBy = [], ...draft }: RuleDraft): AlertRule {
  const severity = draft.conditions.reduce<Severity>(
    (worst, one) => (RANK.indexOf(one.severity) > RANK.indexOf(worst) ? one.severity : worst),
    'low',
  );
  return { ...draft, slug, keepS: keep, inhibitedBy, severity, ...RULE_TEXTS[slug] };
}
