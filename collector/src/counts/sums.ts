import { intervalAt } from '@headcount/shared';
import type { Tally } from '../schema/counts.js';
import type { Target } from './targets.js';
import type { Span } from './zone.js';

/** What was counted in one span. */
export interface Sum {
  in: number;
  out: number;
  stitched: number;
  observedMs: number;
  /** Time that intervals cover, observed or not. */
  coveredMs: number;
  /** Part of it comes from an interval that reaches over several spans. */
  spread: boolean;
  occupancyMax: number | null;
  queueMax: number | null;
  dwellMs: number;
  dwellVisits: number;
  /** Milliseconds that were not observed, by reason. */
  readonly gaps: Map<string, number>;
  /** What was wrong with the picture. */
  readonly suspect: Set<string>;
}

export function emptySum(): Sum {
  return {
    in: 0,
    out: 0,
    stitched: 0,
    observedMs: 0,
    coveredMs: 0,
    spread: false,
    occupancyMax: null,
    queueMax: null,
    dwellMs: 0,
    dwellVisits: 0,
    gaps: new Map(),
    suspect: new Set(),
  };
}

/** The larger of two numbers of which each may be unknown. */
export function larger(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

/** When counts of a line or zone are due. */
type Expected = Pick<Target, 'firstAt' | 'until'>;

/** What was counted in a span with how much of it should have been observed. */
export function tallyOf(targets: readonly Expected[], span: Span, sum: Sum, now: number): Tally {
  const due = targets.reduce((total, target) => total + dueIn(target, span, now), 0);
  // A gateway whose clock is ahead has counted time that is still to come here.
  const expectedMs = Math.max(due, sum.coveredMs);
  const { in: entered, out, observedMs } = sum;
  const completeness = expectedMs === 0 ? null : Math.min(1, observedMs / expectedMs);
  return { in: entered, out, observedMs, expectedMs, completeness };
}

/** Only whole minutes that have passed can have been sent, and only those since the line exists are missed. */
function dueIn({ firstAt, until }: Expected, span: Span, now: number): number {
  if (firstAt >= span.end) return 0;
  const from = Math.max(span.start, intervalAt(firstAt).start);
  const to = Math.min(span.end, intervalAt(now).start, until ?? Infinity);
  return Math.max(0, to - from);
}
