import type { OncallReport, Proposal } from '../../schema/reports.js';
import { call } from '../http.js';

/** Days that a report is about, both included, such as 2026-03-01; the zone is IANA. */
export interface Days {
  readonly from: string;
  readonly to: string;
  readonly zone: string;
}

/** For an address; `more` such as a language. */
export function searchOf(days: Days, more: Record<string, string> = {}): string {
  return new URLSearchParams({ ...days, ...more }).toString();
}

export async function fetchOncallReport(days: Days): Promise<OncallReport> {
  return (await call(`/reports/on-call?${searchOf(days)}`)) as OncallReport;
}

export async function fetchProposals(days: Days): Promise<Proposal[]> {
  return ((await call(`/reports/on-call/proposals?${searchOf(days)}`)) as { proposals: Proposal[] })
    .proposals;
}
