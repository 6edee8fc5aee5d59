import { setImmediate } from 'node:timers/promises';
import type { HostRecord } from '@headcount/shared';
import type { Store } from '../store/store.js';
import type { AlertRule } from './rule.js';
import { flag, MINUTE_MS, SIGNALS, type Asset, type Sample, type SignalName } from './signal.js';
import { cameraAsset, isDown } from './sources/cameras.js';
import { gatewayAsset } from './sources/gateways.js';
import { HOST_SIGNALS, hostValues, recordRates } from './sources/hosts.js';

/** What a signal said of a place, from each instant until the next. */
export interface Timeline {
  readonly asset: Asset;
  readonly timeZone: string;
  readonly points: readonly { readonly at: number; readonly value: Sample['value'] }[];
}

/** UTC ms. */
export interface HistorySpan {
  readonly from: number;
  readonly to: number;
}

/** A sample of a host says nothing of later than this; one comes every minute. */
const SAMPLE_MS = 3 * MINUTE_MS;

const HOSTS: ReadonlySet<string> = new Set(HOST_SIGNALS);

/** Whether stored history says what one of a rule's signals was. */
export function canDryRun({ conditions }: AlertRule): boolean {
  return conditions.some(({ signal }) => isStored(signal));
}

/** Whether a signal can be told from what is stored. */
export function isStored(signal: SignalName): boolean {
  return (
    HOSTS.has(signal) ||
    ['camera.down', 'gateway.silence', 'line.missing', 'gateway.refused'].includes(signal)
  );
}

/**
 * What a signal said of every place, one place after the other.
 * @param only gateways to look at; all where it is left out
 * @throws Error for a signal that is not stored
 */
export async function* timelines(
  store: Store,
  signal: SignalName,
  span: HistorySpan,
  only?: ReadonlySet<string>,
): AsyncGenerator<Timeline> {
  const gateways = await store
    .selectFrom('gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .select(['gateway.name', 'gateway.site', 'site.time_zone as timeZone'])
    .where('gateway.status', '<>', 'never-seen')
    .orderBy('gateway.name')
    .execute();
  const rates = await recordRates(store);
  for (const gateway of gateways) {
    if (only?.has(gateway.name) === false) continue;
    if (HOSTS.has(signal))
      yield await hostTimeline(store, gateway, { signal, span, rate: rates.get(gateway.name) ?? 1 });
    else if (signal === 'camera.down') yield* cameraTimelines(store, gateway, span);
    else if (signal === 'gateway.silence') yield await silenceTimeline(store, gateway, span);
    else if (SIGNALS[signal].gone === 'zero') yield await lossTimeline(store, gateway, { signal, span });
    else throw new Error(`the history of ${signal} is not stored`);
    // SQLite works in this thread: gateways and pages get their turn.
    await setImmediate();
  }
}

interface GatewayPlace {
  readonly name: string;
  readonly site: string;
  readonly timeZone: string;
}

async function hostTimeline(
  store: Store,
  gateway: GatewayPlace,
  { signal, span, rate }: { signal: SignalName; span: HistorySpan; rate: number },
): Promise<Timeline> {
  const rows = await store
    .selectFrom('host_sample')
    .select(['at', 'body'])
    .where('gateway', '=', gateway.name)
    .where('at', '>=', span.from)
    .where('at', '<', span.to)
    .orderBy('at')
    .execute();
  const points = rows.flatMap(({ at, body }, index): Timeline['points'][number][] => {
    const value = hostValues(JSON.parse(body) as HostRecord, rate)[signal] ?? 'unknown';
    const next = rows[index + 1]?.at ?? span.to;
    const ends = next - at > SAMPLE_MS ? [{ at: at + SAMPLE_MS, value: 'unknown' as const }] : [];
    return [{ at, value }, ...ends];
  });
  return { asset: gatewayAsset(gateway), timeZone: gateway.timeZone, points };
}

async function* cameraTimelines(
  store: Store,
  gateway: GatewayPlace,
  span: HistorySpan,
): AsyncGenerator<Timeline> {
  const cameras = await store
    .selectFrom('camera')
    .select(['id', 'name'])
    .where('gateway', '=', gateway.name)
    .where('present', '=', 1)
    .execute();
  for (const { id, name } of cameras) {
    const edges = await store
      .selectFrom('camera_edge')
      .select(['at', 'state'])
      .where('gateway', '=', gateway.name)
      .where('camera', '=', id)
      .where('at', '>=', span.from)
      .where('at', '<', span.to)
      .orderBy('at')
      .orderBy('seq')
      .execute();
    const points = edges.map(({ at, state }) => ({ at, value: flag(isDown(state)) }));
    const asset = cameraAsset({ site: gateway.site, gateway: gateway.name, id, name });
    yield { asset, timeZone: gateway.timeZone, points };
  }
}

/** When counts came, by the line that was there first: what came late was not there when it was due. */
async function silenceTimeline(store: Store, gateway: GatewayPlace, span: HistorySpan): Promise<Timeline> {
  const line = await store
    .selectFrom('line')
    .select(['camera', 'id'])
    .where('gateway', '=', gateway.name)
    .where('present', '=', 1)
    .orderBy('first_at')
    .limit(1)
    .executeTakeFirst();
  const rows = await store
    .selectFrom('count_interval')
    .select('received_at')
    .distinct()
    .where('gateway', '=', gateway.name)
    .where('camera', '=', line?.camera ?? '')
    .where('line', '=', line?.id ?? '')
    .where('start_at', '>=', span.from)
    .where('start_at', '<', span.to)
    .orderBy('received_at')
    .execute();
  // A step of every half minute of a silence, so that any threshold finds its moment.
  const step = MINUTE_MS / 2;
  const points = rows.flatMap(({ received_at: at }, index) => {
    const end = Math.min(rows[index + 1]?.received_at ?? span.to, span.to);
    const steps = Math.max(1, Math.ceil((end - at) / step));
    return Array.from({ length: steps }, (_, one) => ({ at: at + one * step, value: (one * step) / 1000 }));
  });
  return { asset: gatewayAsset(gateway), timeZone: gateway.timeZone, points };
}

/** Counts that were lost, each for the day after it was found out. */
async function lossTimeline(
  store: Store,
  gateway: GatewayPlace,
  { signal, span }: { signal: SignalName; span: HistorySpan },
): Promise<Timeline> {
  const day = 24 * 60 * MINUTE_MS;
  const lost =
    signal === 'line.missing'
      ? await store
          .selectFrom('ledger_gap')
          .select('found_at as at')
          .select(({ eb }) => eb('missing_in', '+', eb.ref('missing_out')).as('many'))
          .where('gateway', '=', gateway.name)
          .where('found_at', '>=', span.from - day)
          .orderBy('found_at')
          .execute()
      : (
          await store
            .selectFrom('dead_letter')
            .select('at')
            .where('gateway', '=', gateway.name)
            .where('at', '>=', span.from - day)
            .orderBy('at')
            .execute()
        ).map(({ at }) => ({ at, many: 1 }));
  const changes = [...new Set(lost.flatMap(({ at }) => [at, at + day]))].sort((a, b) => a - b);
  const points = changes
    .filter((at) => at < span.to)
    .map((at) => ({
      at: Math.max(at, span.from),
      value: lost.filter((one) => one.at <= at && one.at > at - day).reduce((sum, { many }) => sum + many, 0),
    }));
  return { asset: gatewayAsset(gateway), timeZone: gateway.timeZone, points };
}
