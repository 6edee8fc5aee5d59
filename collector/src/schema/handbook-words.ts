/** Words of the handbook, without a validator, so that the console's page stays small. */

/** Parts of the system in the order of the list; guides are about all of it. */
export const HANDBOOK_PARTS = [
  'gateways',
  'cameras',
  'counts',
  'hosts',
  'collector',
  'database',
  'paging',
  'security',
  'guides',
] as const;
/**
 * Where a runbook is read: a slug on the console's page of it, what Prometheus named by its address.
 * @returns undefined for none, and for what is neither
 */
export function runbookHref(runbook: string): string | undefined {
  if (/^https?:\/\//.test(runbook)) return runbook;
  return /^[a-z0-9][a-z0-9-]*$/.test(runbook) ? `#handbook/${runbook}` : undefined;
}

export type HandbookPart = (typeof HANDBOOK_PARTS)[number];
