import type { NotificationSeverity, NotificationState } from '../schema/notification-words.js';
import type { Outcome } from './message.js';

/** Attempts of a message; one more follows when nobody knows what became of the last. */
export const MAX_ATTEMPTS = 8;
/** An attempt that takes longer is given up, and its outcome is unknown (ms). */
export const ATTEMPT_MS = 10_000;
/** The first wait after a failure, doubled by every further one (ms). */
const FIRST_WAIT_MS = 15_000;
/** Of the wait, so that messages that failed together do not come back together. */
const JITTER = 0.25;

/** A message whose attempt is over. */
export interface Attempted {
  readonly attempts: number;
  readonly severity: NotificationSeverity;
  readonly deadlineAt: number;
  readonly duplicate: boolean;
  readonly unwanted: boolean;
}

/** What becomes of a message. */
export interface Move {
  readonly state: Extract<NotificationState, 'sent' | 'queued' | 'failed' | 'unknown' | 'cancelled'>;
  /** When it is looked at again; null when it is at rest. */
  readonly nextAt: number | null;
  /** Whether the next contact is tried now. */
  readonly fallback: boolean;
}

/**
 * The outbox's state machine after an attempt.
 * @param random 0 to 1, for the jitter
 */
export function afterAttempt(row: Attempted, outcome: Outcome, now: number, random: number): Move {
  switch (outcome.kind) {
    case 'ok':
      return { state: 'sent', nextAt: null, fallback: false };
    case 'perm':
      return { state: 'failed', nextAt: null, fallback: !row.unwanted };
    case 'temp': {
      if (row.unwanted) return CANCELLED;
      const doubled = FIRST_WAIT_MS * 2 ** (row.attempts - 1);
      const nextAt = now + (outcome.retryAfterMs ?? Math.round(doubled * (1 + JITTER * random)));
      if (row.attempts >= MAX_ATTEMPTS || nextAt > row.deadlineAt)
        return { state: 'failed', nextAt: null, fallback: true };
      return { state: 'queued', nextAt, fallback: false };
    }
    case 'unknown':
      if (row.unwanted) return CANCELLED;
      // One resend, which says that it may be a duplicate; then a person has to look.
      if (row.duplicate) return { state: 'unknown', nextAt: null, fallback: false };
      return { state: 'unknown', nextAt: now, fallback: row.severity === 'critical' };
  }
}

const CANCELLED: Move = { state: 'cancelled', nextAt: null, fallback: false };
