import type { IncidentStatus, Severity } from '../schema/incident-words.js';
import { ProblemError } from '../schema/problem.js';
import type { TimerKind } from '../store/tables-incidents.js';
import { endTimer, TARGETS, updateDueAt } from './targets.js';

/** What may happen to an incident. */
export type Move =
  | 'acknowledge'
  | 'lease-expired'
  | 'mitigate'
  | 'regress'
  | 'resolve'
  | 'auto-resolve'
  | 'reopen'
  | 'close'
  | 'auto-close'
  | 'merge'
  | 'unmerge';

/** Every move that there is: from which status, and where to. The database refuses all others, too (migration 018). */
const MOVES: Readonly<Record<IncidentStatus, Partial<Readonly<Record<Move, IncidentStatus>>>>> = {
  triggered: { acknowledge: 'acknowledged', merge: 'merged', 'auto-resolve': 'resolved' },
  acknowledged: {
    ...{ mitigate: 'mitigated', resolve: 'resolved', 'auto-resolve': 'resolved' },
    'lease-expired': 'triggered',
  },
  mitigated: { resolve: 'resolved', 'auto-resolve': 'resolved', regress: 'triggered' },
  resolved: { reopen: 'triggered', close: 'closed', 'auto-close': 'closed' },
  closed: {},
  merged: { unmerge: 'triggered' },
};

/** Moves that timers make, not people. */
const BY_ITSELF: ReadonlySet<string> = new Set(['lease-expired', 'auto-resolve', 'auto-close']);

/** Moves that people can make from a status. */
export function possibleMoves(status: IncidentStatus): string[] {
  return Object.keys(MOVES[status]).filter((move) => !BY_ITSELF.has(move));
}

/**
 * Where a move leads.
 * @param id such as "INC-3", for the message
 * @throws ProblemError 409 where there is no such move
 */
export function statusAfter(id: string, status: IncidentStatus, move: Move): IncidentStatus {
  const to = MOVES[status][move];
  if (to !== undefined) return to;
  const possible = possibleMoves(status);
  const instead =
    possible.length === 0 ? 'nothing but a note is possible' : `possible: ${possible.join(', ')}`;
  throw new ProblemError(409, `${id} is ${status}, so "${move}" is refused; ${instead}`);
}

/** What of an incident its timers depend on; times are UTC ms. */
export interface TimedState {
  readonly severity: Severity;
  readonly timeZone: string;
  readonly startedAt: number;
  /** When it last went to "triggered": the response is measured from here. */
  readonly triggeredAt: number;
}

/** Which timers end, and which begin. */
export interface TimerChange {
  readonly cancel: readonly TimerKind[] | 'all';
  readonly start: readonly { readonly kind: TimerKind; readonly dueAt: number }[];
}

/**
 * What a change of status does to the timers.
 * @param now when it changed; for "triggered" the same as `triggeredAt`
 */
export function timersAfter(to: IncidentStatus, state: TimedState, now: number): TimerChange {
  const { severity, timeZone, startedAt, triggeredAt } = state;
  const { responseMs, resolveMs, leaseMs } = TARGETS[severity];
  const update = (times?: number) =>
    ({ kind: 'update_due', dueAt: updateDueAt(severity, now, timeZone, times) }) as const;
  switch (to) {
    case 'triggered':
      return {
        cancel: ['ack_lease', 'auto_close', 'review_due'],
        start: [
          { kind: 'ack_due', dueAt: triggeredAt + responseMs },
          { kind: 'escalate', dueAt: triggeredAt },
          update(),
        ],
      };
    case 'acknowledged':
      return {
        cancel: ['ack_due', 'escalate'],
        start: [
          { kind: 'ack_lease', dueAt: now + leaseMs },
          { kind: 'resolve_due', dueAt: startedAt + resolveMs },
          update(),
        ],
      };
    case 'mitigated':
      return { cancel: ['ack_lease'], start: [update(2)] };
    case 'resolved':
      return { cancel: 'all', start: [endTimer(severity, now, timeZone)] };
    case 'closed':
    case 'merged':
      return { cancel: 'all', start: [] };
  }
}

/**
 * When a waiting timer is due after the severity changed: as if it had had the new one from the start, but never later than
 * before. A change of severity tells people something, so that updates and leases are measured from it.
 * @returns undefined where the severity does not matter
 */
export function dueAfterSeverity(kind: TimerKind, state: TimedState, now: number): number | undefined {
  const { severity, timeZone, startedAt, triggeredAt } = state;
  const { responseMs, resolveMs, leaseMs } = TARGETS[severity];
  switch (kind) {
    case 'ack_due':
      return triggeredAt + responseMs;
    case 'resolve_due':
      return startedAt + resolveMs;
    case 'ack_lease':
      return now + leaseMs;
    case 'update_due':
      return updateDueAt(severity, now, timeZone);
    case 'escalate':
    case 'auto_resolve':
    case 'auto_close':
    case 'review_due':
      return undefined;
  }
}
