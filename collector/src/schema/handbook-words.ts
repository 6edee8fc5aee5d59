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
export type HandbookPart = (typeof HANDBOOK_PARTS)[number];
