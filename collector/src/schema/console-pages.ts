/** Pages of the console and the least role that sees each, in their order; the address after the # names one. */
export const PAGES = {
  overview: 'viewer',
  alerts: 'viewer',
  incidents: 'viewer',
  'on-call': 'viewer',
  handbook: 'viewer',
  notifications: 'operator',
  accuracy: 'viewer',
  slo: 'viewer',
  maintenance: 'viewer',
  config: 'viewer',
  account: 'viewer',
  people: 'admin',
  tokens: 'admin',
  'audit-log': 'auditor',
  errors: 'operator',
} as const;

export type Page = keyof typeof PAGES;
