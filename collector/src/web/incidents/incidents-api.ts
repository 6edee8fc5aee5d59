import type { IncidentStatus, Severity } from '../../schema/incident-words.js';
import type {
  IncidentDetail,
  IncidentList,
  IncidentReport,
  NewIncidentForm,
} from '../../schema/incidents.js';
import type { Lesson, NewActionItem, Review, ReviewSections } from '../../schema/reviews.js';
import { call, send } from '../http.js';

/** Which incidents are shown. */
export interface IncidentFilter {
  readonly status: IncidentStatus | 'open' | 'all';
  readonly severity: Severity | '';
}

export async function fetchIncidents(
  { status, severity }: IncidentFilter,
  cursor: string,
): Promise<IncidentList> {
  const search = new URLSearchParams({
    ...{ status, limit: '20' },
    ...(severity !== '' && { severity }),
    ...(cursor !== '' && { cursor }),
  });
  return (await call(`/incidents?${search.toString()}`)) as IncidentList;
}

export async function fetchIncident(id: string): Promise<IncidentDetail> {
  return (await call(`/incidents/${encodeURIComponent(id)}`)) as IncidentDetail;
}

export async function fetchReport(days: number): Promise<IncidentReport> {
  return (await call(`/incidents/report?days=${days}`)) as IncidentReport;
}

export async function openIncident(form: NewIncidentForm): Promise<IncidentDetail> {
  return (await send('POST', '/incidents', form)) as IncidentDetail;
}

/** @param path such as "acknowledge" */
export async function actOn(id: string, path: string, body?: unknown): Promise<IncidentDetail> {
  return (await send('POST', `/incidents/${id}/${path}`, body)) as IncidentDetail;
}

export async function tickStep(id: string, position: number, done: boolean): Promise<void> {
  await send('PUT', `/incidents/${id}/steps/${position}`, { done });
}

export async function fetchReview(id: string, language: string): Promise<Review> {
  return (await call(`/incidents/${id}/review?lang=${language}`)) as Review;
}

export async function writeReview(id: string, sections: ReviewSections): Promise<void> {
  await send('PUT', `/incidents/${id}/review`, sections);
}

/** @param path "" begins one; "submit", "actions" and so on move it */
export async function moveReview(
  id: string,
  path: string,
  body?: NewActionItem | { reason: string },
): Promise<void> {
  await send('POST', `/incidents/${id}/review${path === '' ? '' : `/${path}`}`, body);
}

export async function fetchLessons(text: string): Promise<Lesson[]> {
  return ((await call(`/incidents/lessons?q=${encodeURIComponent(text)}`)) as { lessons: Lesson[] }).lessons;
}
