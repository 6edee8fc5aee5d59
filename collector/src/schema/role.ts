/**
 * What a person may do. A viewer reads counts and state; an operator also works with cameras, audits and incidents; an
 * admin also changes the fleet, people and tokens; an auditor reads everything, the audit log too, and changes nothing.
 */
export const ROLES = ['viewer', 'operator', 'admin', 'auditor'] as const;

export type Role = (typeof ROLES)[number];

/** What an API token may be allowed to do. */
export const SCOPES = [
  ...(['counts:read', 'fleet:read', 'fleet:write', 'audit:read', 'metrics:read'] as const),
  ...(['alerts:write', 'heartbeats:write', 'vulnerabilities:write'] as const),
] as const;

export type Scope = (typeof SCOPES)[number];

/** The least that somebody must be to use a route; `self` is everybody who is logged in, for what is their own. */
export type Access = Role | 'self';

const RANK: Readonly<Record<Exclude<Role, 'auditor'>, number>> = { viewer: 1, operator: 2, admin: 3 };

/** Whether a role may use a route. @param method of the request: who only reads changes nothing */
export function mayUse(role: Role, needed: Access, method: string): boolean {
  if (needed === 'self') return true;
  if (needed === 'auditor') return role === 'auditor' || role === 'admin';
  if (role === 'auditor') return method === 'GET' || method === 'HEAD';
  return RANK[role] >= RANK[needed];
}
