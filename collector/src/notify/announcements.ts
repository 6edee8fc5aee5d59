import type { Selectable } from 'kysely';
import type { NotifyConfig } from '../config/notify.js';
import { countsFrom, countsTo, takesEffect } from '../maintenance/effect.js';
import { inTransaction, type Queryable, type Store } from '../store/store.js';
import type { Tables } from '../store/tables.js';
import type { Text } from './message.js';
import { queueNotification } from './queue.js';
import { clockOf } from './template.js';

const HOUR_MS = 3_600_000;
/** How long before its begin a window is announced; one that is planned later at once (ms). */
const AHEAD_MS = 24 * HOUR_MS;
/** What was not announced for so long is not worth it any more (ms). */
const DEADLINE_MS = HOUR_MS;

type Receivers = NotifyConfig['announce'];
type Window = Selectable<Tables['maintenance_window']> & { timeZone: string; from: number; to: number };
type Phase = 'planned' | 'begins' | 'ended' | 'cancelled';

/** Which column remembers that a phase was told. */
const TOLD = {
  ...{ planned: 'announced_at', begins: 'begin_told_at', ended: 'end_told_at', cancelled: 'end_told_at' },
} as const satisfies Record<Phase, keyof Window>;

/**
 * Tell of maintenance: a day before, at its begin, at its end, and when it was taken back after it had been announced. Each is told
 * once, in the transaction that remembers it. What waits for an approval is told when it has it. Called often.
 */
export async function announceMaintenance(store: Store, receivers: Receivers, now: number): Promise<void> {
  if (receivers.length === 0) return;
  for (const phase of ['planned', 'begins', 'ended', 'cancelled'] as const)
    for (const window of await untold(store, phase, now))
      await inTransaction(store, (trx) => tell(trx, { phase, window, receivers }, now));
}

async function untold(db: Queryable, phase: Phase, now: number): Promise<Window[]> {
  const windows = db
    .selectFrom('maintenance_window as w')
    .innerJoin('site', 'site.name', 'w.site')
    .selectAll('w')
    .select(['site.time_zone as timeZone', countsFrom.as('from'), countsTo.as('to')])
    .where(`w.${TOLD[phase]}`, 'is', null)
    .orderBy('w.start_at');
  switch (phase) {
    case 'planned':
      return windows
        .where(takesEffect)
        .where('w.start_at', '>', now)
        .where('w.start_at', '<=', now + AHEAD_MS)
        .execute();
    case 'begins':
      return windows.where(takesEffect).where(countsFrom, '<=', now).where(countsTo, '>', now).execute();
    case 'ended':
      return windows.where('w.begin_told_at', 'is not', null).where(countsTo, '<=', now).execute();
    case 'cancelled':
      return windows.where('w.cancelled_at', 'is not', null).execute();
  }
}

async function tell(
  trx: Queryable,
  { phase, window, receivers }: { phase: Phase; window: Window; receivers: Receivers },
  now: number,
): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('maintenance_window')
    .set({ [TOLD[phase]]: now })
    .where('id', '=', window.id)
    .where(TOLD[phase], 'is', null)
    .executeTakeFirst();
  // It was taken back meanwhile, or another collector was faster.
  if (numUpdatedRows !== 1n) return;
  const data = {
    ...{
      number: null,
      site: null,
      since: now,
      timeZone: window.timeZone,
      runbook: '',
      notice: true as const,
    },
    ...{ title: titleOf(phase, window), text: textOf(phase, window) },
  };
  for (const { kind, address, language } of receivers)
    await queueNotification(
      trx,
      {
        ...{ incident: null, about: `maintenance ${window.id} ${phase}`, fallbacks: [], step: 0, loop: 0 },
        contact: { id: `announce ${kind} ${address}`, kind, address, language },
        ...{ kind: 'update', severity: 'medium', data, deadlineAt: now + DEADLINE_MS },
      },
      now,
    );
}

function titleOf(phase: Phase, { scope, site, gateway, camera, timeZone, from, to }: Window): Text {
  const name = [site, gateway, camera].filter((part) => part !== null).join('/');
  const place = {
    en: `${scope} ${name}`,
    vi: `${{ site: 'địa điểm', gateway: 'gateway', camera: 'camera' }[scope]} ${name}`,
  };
  const [begin, end] = [clockOf(timeZone, from), clockOf(timeZone, to)];
  switch (phase) {
    case 'planned':
      return {
        en: `Maintenance planned: ${place.en}, ${begin} to ${end}`,
        vi: `Sắp bảo trì: ${place.vi}, từ ${begin} đến ${end}`,
      };
    case 'begins':
      return {
        en: `Maintenance begins: ${place.en}, until ${end}`,
        vi: `Bắt đầu bảo trì: ${place.vi}, đến ${end}`,
      };
    case 'ended':
      return {
        en: `Maintenance has ended: ${place.en}, at ${end}`,
        vi: `Đã kết thúc bảo trì: ${place.vi}, lúc ${end}`,
      };
    case 'cancelled':
      return {
        en: `Maintenance was taken back: ${place.en}, ${begin} to ${end}`,
        vi: `Đã hủy bảo trì: ${place.vi}, từ ${begin} đến ${end}`,
      };
  }
}

function textOf(phase: Phase, { reason, author, kind, effect }: Window): Text {
  const emergency = kind === 'emergency' ? { en: 'Emergency: ', vi: 'Khẩn cấp: ' } : { en: '', vi: '' };
  const then =
    effect === 'create'
      ? {
          en: 'Alerts there open no incidents meanwhile.',
          vi: 'Trong thời gian đó cảnh báo không tạo sự cố.',
        }
      : { en: 'Nobody is paged of alerts there meanwhile.', vi: 'Trong thời gian đó không ai bị gọi.' };
  const after = {
    en: 'What still fires there pages again.',
    vi: 'Những cảnh báo vẫn còn sẽ được báo trở lại.',
  };
  const rest = { planned: then, begins: then, ended: after, cancelled: { en: '', vi: '' } }[phase];
  return {
    en: `${emergency.en}${reason} (${author}). ${rest.en}`.trim(),
    vi: `${emergency.vi}${reason} (${author}). ${rest.vi}`.trim(),
  };
}
