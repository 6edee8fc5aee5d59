import type { NotificationKind, NotificationSeverity } from '../schema/notification-words.js';

/**
 * Who goes first; a lower number does: the first message of a new critical incident, other critical ones, verification and
 * test, high, medium, low and digests, and at last that something is over.
 */
export function urgencyOf(
  { kind, severity }: { kind: NotificationKind; severity: NotificationSeverity },
  first: boolean,
): number {
  if (kind === 'resolved') return 7;
  if (kind === 'test' || kind === 'verify') return 2;
  if (kind === 'digest' || severity === 'low') return 6;
  if (severity === 'critical') return first && kind === 'page' ? 0 : 1;
  return severity === 'high' ? 3 : 5;
}
