import { intervalAt } from '@headcount/shared';
import type { Impact } from '../schema/incidents.js';
import type { Queryable } from '../store/store.js';
import type { IncidentRow } from '../store/tables-incidents.js';

/** Kinds of assets that have cameras below them; their path is site/gateway/camera/line, cut at their own place. */
const PLACES: ReadonlySet<string> = new Set(['site', 'gateway', 'camera', 'line']);

const MINUTE_MS = 60_000;
/** Of a line that was not observed for less, the camera was not dark: a stall is shorter (ms). */
const BLIND_MS = 10_000;

interface Line {
  readonly gateway: string;
  readonly camera: string;
  readonly id: string;
  readonly firstAt: number;
}

/**
 * What an incident costs, in numbers: cameras below its assets that do not count now, crossings that totals prove missing,
 * and time that the lines below were not observed since it began.
 * @param now UTC ms; counts of the last minute are on their way and do not count as missing
 * @param during "now": cameras that do not count at this moment; "all": those that did not at some time since it began
 * @returns null where no asset of it is a place with cameras
 */
export async function impactOf(
  db: Queryable,
  incident: IncidentRow,
  { now, during }: { now: number; during: 'now' | 'all' },
): Promise<Impact | null> {
  const places = await placesOf(db, incident);
  if (places.length === 0) return null;
  const below = (site: string, ...rest: string[]) => {
    const path = [site, ...rest].join('/');
    return places.some(
      (place) => path === place || path.startsWith(`${place}/`) || place.startsWith(`${path}/`),
    );
  };
  const cameras = (await camerasOf(db)).filter(({ site, gateway, id }) => below(site, gateway, id));
  const lines = (await linesOf(db)).filter(({ site, gateway, camera, id }) =>
    below(site, gateway, camera, id),
  );
  const gateways = [...new Set(cameras.map(({ gateway }) => gateway))];
  const keys = new Set(lines.map(keyOf));
  const blind = await unobserved(db, { gateways, lines, since: incident.since_at }, now);
  const hit = new Set(
    blind.filter(({ ms }) => ms >= BLIND_MS).map(({ gateway, camera }) => `${gateway}/${camera}`),
  );
  const wasDark = ({ gateway, id, dark }: (typeof cameras)[number]) =>
    dark || (during === 'all' && hit.has(`${gateway}/${id}`));
  return {
    cameras: cameras.length,
    camerasDark: cameras.filter(wasDark).length,
    missingCounts: await missingCounts(db, { gateways, keys, since: incident.since_at }),
    unobservedMinutes: Math.round(blind.reduce((sum, { ms }) => sum + ms, 0) / MINUTE_MS),
  };
}

function keyOf({ gateway, camera, id }: Pick<Line, 'gateway' | 'camera' | 'id'>): string {
  return `${gateway}/${camera}/${id}`;
}

async function placesOf(db: Queryable, incident: IncidentRow): Promise<string[]> {
  const alerts = await db
    .selectFrom('incident_alert')
    .select(['asset_kind', 'asset_path'])
    .where('incident', '=', incident.id)
    .where('unlinked_at', 'is', null)
    .execute();
  return [
    ...new Set(
      [incident, ...alerts].flatMap(({ asset_kind: kind, asset_path: path }) =>
        kind !== null && path !== null && PLACES.has(kind) ? [path] : [],
      ),
    ),
  ];
}

async function camerasOf(db: Queryable) {
  const rows = await db
    .selectFrom('camera')
    .innerJoin('gateway', 'gateway.name', 'camera.gateway')
    .select(['gateway.site', 'camera.gateway', 'camera.id', 'camera.state', 'gateway.status'])
    .where('camera.present', '=', 1)
    .execute();
  // One that was switched off on purpose is not dark.
  return rows.map(({ state, status, ...camera }) => ({
    ...camera,
    dark: status !== 'online' || (state !== 'streaming' && state !== 'disabled'),
  }));
}

async function linesOf(db: Queryable) {
  return db
    .selectFrom('line')
    .innerJoin('gateway', 'gateway.name', 'line.gateway')
    .select(['gateway.site', 'line.gateway', 'line.camera', 'line.id', 'line.first_at as firstAt'])
    .where('line.present', '=', 1)
    .execute();
}

async function missingCounts(
  db: Queryable,
  { gateways, keys, since }: { gateways: readonly string[]; keys: ReadonlySet<string>; since: number },
): Promise<number> {
  if (gateways.length === 0) return 0;
  const gaps = await db
    .selectFrom('ledger_gap')
    .select(['gateway', 'camera', 'line', 'missing_in', 'missing_out'])
    .where('gateway', 'in', gateways)
    .where('to_at', '>', since)
    .execute();
  return gaps
    .filter(({ line, ...rest }) => keys.has(keyOf({ ...rest, id: line })))
    .reduce((sum, gap) => sum + gap.missing_in + gap.missing_out, 0);
}

/** For how long each line was not observed (ms). */
async function unobserved(
  db: Queryable,
  { gateways, lines, since }: { gateways: readonly string[]; lines: readonly Line[]; since: number },
  now: number,
): Promise<(Line & { ms: number })[]> {
  if (gateways.length === 0) return [];
  const from = intervalAt(since).start;
  const to = intervalAt(now - MINUTE_MS).start;
  const sums = await db
    .selectFrom('count_interval')
    .select(['gateway', 'camera', 'line'])
    .select((row) => [
      row.fn.sum<number>('observed_ms').as('ms'),
      // Minutes that are there already although they might still be on their way.
      row.fn
        .sum<number>(
          row
            .case()
            .when('start_at', '>=', to)
            .then(row('end_at', '-', row.ref('start_at')))
            .else(0)
            .end(),
        )
        .as('early'),
    ])
    .where('gateway', 'in', gateways)
    .where('start_at', '>=', from)
    .where('end_at', '<=', now)
    .groupBy(['gateway', 'camera', 'line'])
    .execute();
  const stored = new Map(sums.map(({ line, ...sum }) => [keyOf({ ...sum, id: line }), sum]));
  return lines.map((line) => {
    const { ms = 0, early = 0 } = stored.get(keyOf(line)) ?? {};
    const expected = Math.max(0, to - Math.max(from, line.firstAt)) + early;
    return { ...line, ms: Math.max(0, expected - ms) };
  });
}
