import type { Store } from '../../store/store.js';
import { flag, HOUR_MS, MINUTE_MS, type Asset, type Sample, type Source } from '../signal.js';
import { SILENT_S } from './gateways.js';

const PERIOD_MS = 5000;
const SCENE_PERIOD_MS = 15_000;
/** An hour is looked at. */
const TROUBLE_PERIOD_MS = 5 * MINUTE_MS;
/** Conditions of a picture that mean somebody was at the camera; rule camera-tamper. */
const TAMPER: ReadonlySet<string> = new Set(['moved', 'covered', 'defocused', 'black', 'overexposed']);
/** Neither so nor over: the picture is right again, and nobody has accepted it. */
const UNACCEPTED = 0.5;

export function cameraAsset(camera: { site: string; gateway: string; id: string; name: string }): Asset {
  const { site, gateway, id, name } = camera;
  return { kind: 'camera', path: `${site}/${gateway}/${id}`, name };
}

/** Cameras in use, and whether anything can be known of them. */
async function cameras(store: Store, now: number) {
  const rows = await store
    .selectFrom('camera')
    .innerJoin('gateway', 'gateway.name', 'camera.gateway')
    .select(['camera.gateway', 'camera.id', 'camera.name', 'camera.state'])
    .select(['gateway.site', 'gateway.status', 'gateway.last_seen_at'])
    .where('camera.present', '=', 1)
    .execute();
  return rows.map(({ status, last_seen_at, ...camera }) => ({
    ...camera,
    asset: cameraAsset(camera),
    // What a gateway said last says nothing of a camera once it is silent.
    heard: status === 'online' && now - (last_seen_at ?? 0) <= SILENT_S * 1000,
  }));
}

/** Whether a state means that nobody is counted although somebody should be. */
export function isDown(state: string): boolean {
  return state !== 'streaming' && state !== 'disabled';
}

/** Whether cameras stream. */
export const cameraSource: Source = {
  signals: ['camera.down'],
  periodMs: PERIOD_MS,
  async read(store, now) {
    const all = await cameras(store, now);
    return {
      'camera.down': all.map(({ asset, heard, state }) => ({
        asset,
        value: heard && state !== null ? flag(isDown(state)) : 'unknown',
      })),
    };
  },
};

/** How often cameras had to be connected again and stalled within the last hour. */
export const cameraTroubleSource: Source = {
  signals: ['camera.reconnects', 'camera.stalls'],
  periodMs: TROUBLE_PERIOD_MS,
  async read(store, now) {
    const all = await cameras(store, now);
    const [connecting, stalled] = [
      await edgesPerCamera(store, 'connecting', now),
      await edgesPerCamera(store, 'stalled', now),
    ];
    const samples = (counts: ReadonlyMap<string, number>) =>
      all.map(({ asset, heard, gateway, id }): Sample => ({
        asset,
        value: heard ? (counts.get(`${gateway}/${id}`) ?? 0) : 'unknown',
      }));
    return { 'camera.reconnects': samples(connecting), 'camera.stalls': samples(stalled) };
  },
};

/** Counted camera by camera along the index: sorting all of them together would take seconds when a fleet is in trouble. */
async function edgesPerCamera(
  store: Store,
  state: 'connecting' | 'stalled',
  now: number,
): Promise<Map<string, number>> {
  const rows = await store
    .selectFrom('camera')
    .select(['camera.gateway', 'camera.id'])
    .select((select) =>
      select
        .selectFrom('camera_edge')
        .select(({ fn }) => fn.countAll<number>().as('edges'))
        .whereRef('camera_edge.gateway', '=', 'camera.gateway')
        .whereRef('camera_edge.camera', '=', 'camera.id')
        .where('camera_edge.state', '=', state)
        .where('camera_edge.at', '>', now - HOUR_MS)
        .where('camera_edge.at', '<=', now)
        .as('edges'),
    )
    .where('camera.present', '=', 1)
    .execute();
  return new Map(rows.map(({ gateway, id, edges }) => [`${gateway}/${id}`, edges ?? 0]));
}

/** Whether pictures are what they should be, by the newest that their gateways said. */
export const sceneSource: Source = {
  signals: ['camera.frozen', 'camera.tamper'],
  periodMs: SCENE_PERIOD_MS,
  async read(store, now) {
    const all = await cameras(store, now);
    const newest = await newestScenes(store);
    const samples = (valueOf: (scene: Scene) => number) =>
      all.map(({ asset, heard, gateway, id }): Sample => {
        const scene = newest.get(`${gateway}/${id}`);
        // A picture that was never wrong has no edge.
        if (scene === undefined) return { asset, value: heard ? 0 : 'unknown' };
        return { asset, value: heard ? valueOf(scene) : 'unknown' };
      });
    return {
      'camera.frozen': samples(({ active }) => flag(active.includes('frozen'))),
      'camera.tamper': samples(({ active, accepted }) => {
        if (active.some((condition) => TAMPER.has(condition))) return 1;
        return accepted ? 0 : UNACCEPTED;
      }),
    };
  },
};

interface Scene {
  readonly active: readonly string[];
  readonly accepted: boolean;
}

async function newestScenes(store: Store): Promise<Map<string, Scene>> {
  const newest = store
    .selectFrom('scene_edge')
    .select(['gateway', 'camera'])
    .select(({ fn }) => fn.max('at').as('at'))
    .groupBy(['gateway', 'camera'])
    .as('newest');
  const rows = await store
    .selectFrom(newest)
    .innerJoin('scene_edge', (join) =>
      join
        .onRef('scene_edge.gateway', '=', 'newest.gateway')
        .onRef('scene_edge.camera', '=', 'newest.camera')
        .onRef('scene_edge.at', '=', 'newest.at'),
    )
    .select(['scene_edge.gateway', 'scene_edge.camera', 'scene_edge.active', 'scene_edge.accepted'])
    .orderBy('scene_edge.seq')
    .execute();
  return new Map(
    rows.map(({ gateway, camera, active, accepted }) => [
      `${gateway}/${camera}`,
      { active: JSON.parse(active) as string[], accepted: accepted === 1 },
    ]),
  );
}
