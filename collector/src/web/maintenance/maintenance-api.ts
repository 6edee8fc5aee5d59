import type { MaintenanceSeries, NewSeries } from '../../schema/maintenance.js';
import { call, send } from '../http.js';

export async function approveMaintenance(id: string): Promise<void> {
  await send('POST', `/maintenance/${id}/approve`);
}

/** Windows that come again. */
export async function fetchSeries(): Promise<MaintenanceSeries[]> {
  return ((await call('/maintenance-series')) as { series: MaintenanceSeries[] }).series;
}

/** Make a series, or change one. */
export async function saveSeries(wanted: NewSeries, id: string | undefined): Promise<void> {
  if (id === undefined) await send('POST', '/maintenance-series', wanted);
  else await send('PUT', `/maintenance-series/${id}`, wanted);
}

export async function endSeries(id: string): Promise<void> {
  await send('DELETE', `/maintenance-series/${id}`);
}
