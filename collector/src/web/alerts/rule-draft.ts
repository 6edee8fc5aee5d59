import type { RuleOverride } from '../../schema/alerts.js';

/** A rule as its form holds it: empty is as the default has it. */
export interface RuleDraft {
  readonly enabled: boolean;
  readonly severity: NonNullable<RuleOverride['severity']> | '';
  readonly forSeconds: string;
  readonly keepSeconds: string;
  /** By condition. */
  readonly thresholds: Readonly<Record<string, string>>;
  readonly clears: Readonly<Record<string, string>>;
}

export function draftOf(override: RuleOverride): RuleDraft {
  const { enabled = true, severity = '', forSeconds, keepSeconds, thresholds = {}, clears = {} } = override;
  const texts = (values: Record<string, number>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  return {
    ...{ enabled, severity, thresholds: texts(thresholds), clears: texts(clears) },
    ...{ forSeconds: forSeconds?.toString() ?? '', keepSeconds: keepSeconds?.toString() ?? '' },
  };
}

/** What differs from the default; fields in an order of their own, so that two can be compared. */
export function overrideOf(draft: RuleDraft): RuleOverride {
  const { enabled, severity, forSeconds, keepSeconds } = draft;
  const thresholds = numbers(draft.thresholds);
  const clears = numbers(draft.clears);
  return {
    ...(!enabled && { enabled }),
    ...(severity !== '' && { severity }),
    ...(forSeconds !== '' && { forSeconds: Number(forSeconds) }),
    ...(keepSeconds !== '' && { keepSeconds: Number(keepSeconds) }),
    ...(thresholds !== undefined && { thresholds }),
    ...(clears !== undefined && { clears }),
  };
}

function numbers(texts: Readonly<Record<string, string>>): Record<string, number> | undefined {
  const filled = Object.entries(texts)
    .filter(([, text]) => text !== '')
    .sort(([a], [b]) => a.localeCompare(b));
  if (filled.length === 0) return undefined;
  return Object.fromEntries(filled.map(([name, text]) => [name, Number(text)]));
}
