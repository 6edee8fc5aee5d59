/**
 * What a person may do. A viewer reads counts and state; an operator also works with cameras, audits and incidents; an
 * admin also changes the fleet, people and tokens; an auditor reads everything, the audit log too, and changes nothing.
 */
export const ROLES = ['viewer', 'operator', 'admin', 'auditor'] as const;

export type Role = (typeof ROLES)[number];
