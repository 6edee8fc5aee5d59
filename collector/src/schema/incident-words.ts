/** From the worst down. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export const INCIDENT_STATUSES = [
  'triggered',
  'acknowledged',
  'mitigated',
  'resolved',
  'closed',
  'merged',
] as const;
/** Somebody must still act. */
export const OPEN_STATUSES = ['triggered', 'acknowledged', 'mitigated'] as const;
export const REVIEW_STATUSES = ['draft', 'in_review', 'reviewed', 'closed', 'waived'] as const;
/** Longest text that a person writes at once. */
export const MAX_INCIDENT_TEXT = 4000;

export type Severity = (typeof SEVERITIES)[number];
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];
export type ReviewStatus = (typeof REVIEW_STATUSES)[number];

/** Whether the first is worse than the second. */
export function isWorse(one: Severity, other: Severity): boolean {
  return SEVERITIES.indexOf(one) < SEVERITIES.indexOf(other);
}

export function isOpen(status: IncidentStatus): boolean {
  return OPEN_STATUSES.some((open) => open === status);
}
