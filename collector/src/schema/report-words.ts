/** Tables of a report that are given as CSV. */
export const REPORT_TABLE_NAMES = ['people', 'nights', 'rules', 'severities'] as const;
