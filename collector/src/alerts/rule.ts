import type { Severity, SignalName } from './signal.js';

/** A text in the languages of the console. */
export interface Text {
  readonly en: string;
  readonly vi: string;
}

/** When a rule's alert opens and when it may go: a comparison of one signal. */
export interface Condition {
  /** Tells a rule's conditions apart; empty for the only one. */
  readonly name: string;
  readonly signal: SignalName;
  readonly op: '>' | '>=' | '<' | '<=';
  /** In the signal's unit. */
  readonly threshold: number;
  /** An open alert is over when the value has come back to this; null for one that never ends by itself. */
  readonly clear: number | null;
  readonly severity: Severity;
  /** For how long it must be true before it fires (s). */
  readonly forS: number;
  /** Fewer observations than this fire nothing. */
  readonly minSamples: number;
}

/** What alerts of a rule are grouped by when they become a problem; operations design, opening rule. */
export type GroupBy = 'site' | 'line' | 'host' | 'component';

/** A default rule, as data. */
export interface AlertRule {
  /** In the order of the operations design. */
  readonly number: number;
  readonly slug: string;
  readonly title: Text;
  /** What it means, in one sentence. */
  readonly meaning: Text;
  readonly conditions: readonly Condition[];
  /** For how long conditions must be false before an alert resolves (s). */
  readonly keepS: number;
  /** Of the rule's worst condition. */
  readonly severity: Severity;
  readonly groupBy: GroupBy;
  /** Nobody is told of its alerts while one of these rules fires at the same place or above it. */
  readonly inhibitedBy: readonly string[];
  readonly runbook: string;
}

/** Whether a value makes a condition true; of an open alert it stays true until the value has come back to `clear`. */
export function isTrue({ op, threshold, clear }: Condition, value: number, open: boolean): boolean {
  const beyond = compare(op, value, threshold);
  if (!open || beyond) return beyond;
  if (clear === null) return true;
  return op === '>' || op === '>=' ? value > clear : value < clear;
}

function compare(op: Condition['op'], value: number, threshold: number): boolean {
  switch (op) {
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
  }
}
