import type { NewSilence, Silence } from '../../schema/silences.js';
import { call, send } from '../http.js';

/** Silences. @param open those that count now, or the last that have ended */
export async function fetchSilences(open: boolean): Promise<Silence[]> {
  return ((await call(`/silences?open=${open}`)) as { silences: Silence[] }).silences;
}

export async function addSilence(wanted: NewSilence): Promise<void> {
  await send('POST', '/silences', wanted);
}

export async function endSilence(id: string): Promise<void> {
  await send('POST', `/silences/${id}/end`);
}
