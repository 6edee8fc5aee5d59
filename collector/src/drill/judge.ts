import type { AlertRule } from '../alerts/rule.js';
import { GROUP_WAIT_MS, TARGETS } from '../incidents/targets.js';
import type { Drill, Measure } from '../schema/drills.js';
import type { Severity } from '../schema/incident-words.js';
import type { Seen } from './follow.js';
import type { Scenario } from './scenarios.js';

/** Beyond the time that the rule itself takes, and for the first page after it (ms). */
const DETECTION_MS = 30_000;
const PAGING_MS = 30_000;

/** How fast things must be (ms). */
export interface DrillTargets {
  /** From the fault until the alert fires. */
  readonly detectionMs: number;
  /** From there until the first page is sent. */
  readonly pagingMs: number;
  /** From the opening of the incident until somebody answers. */
  readonly acknowledgementMs: number;
  /** Whom the incident waits for as long as it has this severity. */
  readonly severity: Severity;
}

/** Targets of a scenario with its rule as it is set now. @throws Error where the rule has no such condition */
export function targetsOf(scenario: Scenario, rule: AlertRule): DrillTargets {
  const condition = rule.conditions.find(({ name }) => name === scenario.condition);
  if (condition === undefined)
    throw new Error(`the rule ${rule.slug} has no condition "${scenario.condition}"`);
  // Below a site it is waited whether the whole site is away; the site itself is told at once.
  const waits = rule.groupBy === 'site' && scenario.rule !== 'site-uplink-down';
  return {
    detectionMs: (scenario.seenAfterS + condition.forS) * 1000 + DETECTION_MS,
    pagingMs: PAGING_MS + (waits ? GROUP_WAIT_MS : 0),
    acknowledgementMs: TARGETS[condition.severity].responseMs,
    severity: condition.severity,
  };
}

/** What is waited for, and until when; null when there is nothing more to wait for. */
export function awaited(
  seen: Seen,
  { detectionMs, pagingMs, acknowledgementMs }: DrillTargets,
  { faultAt, waitForAck }: { faultAt: number; waitForAck: boolean },
): { readonly what: string; readonly until: number } | null {
  const { firedAt, sent, incident, answer } = seen;
  // Twice the target: how late something is says more than that it is.
  if (firedAt === undefined) return { what: 'the alert', until: faultAt + 2 * detectionMs };
  if (sent.length === 0 && answer === undefined)
    return seen.nobody ? null : { what: 'the first page', until: firedAt + 2 * pagingMs };
  if (!waitForAck || answer !== undefined) return null;
  return { what: 'the acknowledgement', until: (incident?.at ?? firedAt) + acknowledgementMs };
}

/** The times against their targets. */
export function measuresOf(
  { firedAt, sent, incident, answer }: Seen,
  { detectionMs, pagingMs, acknowledgementMs }: DrillTargets,
  { faultAt, waitForAck }: { faultAt: number; waitForAck: boolean },
): Measure[] {
  const sentAt = sent.length === 0 ? undefined : Math.min(...sent.map(({ at }) => at));
  const acknowledgement = measure('acknowledgement', acknowledgementMs, [incident?.at, answer?.at]);
  return [
    measure('detection', detectionMs, [faultAt, firedAt]),
    measure('paging', pagingMs, [firedAt, sentAt]),
    waitForAck || acknowledgement.ms !== null ? acknowledgement : { ...acknowledgement, kept: null },
  ];
}

function measure(
  name: Measure['name'],
  targetMs: number,
  [from, to]: readonly [number | undefined, number | undefined],
): Measure {
  const ms = from === undefined || to === undefined ? null : Math.max(0, to - from);
  return { name, ms, targetMs, kept: ms !== null && ms <= targetMs };
}

export function outcomeOf(measures: readonly Measure[], brokenOff: boolean): NonNullable<Drill['outcome']> {
  if (brokenOff) return 'broken-off';
  return measures.every(({ kept }) => kept !== false) ? 'kept' : 'missed';
}
