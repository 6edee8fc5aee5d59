import { randomUUID } from 'node:crypto';
import { ProblemError } from '../schema/problem.js';
import type { RolloutState } from '../schema/rollout-words.js';
import type { Rollout, RolloutPlan, StartRollout } from '../schema/rollouts.js';
import { inTransaction, type Queryable } from '../store/store.js';
import { desiredOf, putDesired, restoreDesired } from './desired.js';
import { cameraPresets, expandPresets, type Presets } from './presets.js';
import { streamingCameras } from './rollout-progress.js';
import { diffSettings, patchSettings, type Difference, type Settings } from './settings.js';

/** A roll-out in these states goes on by itself. */
export const OPEN: readonly RolloutState[] = ['canary', 'soak', 'rest'];
/** Roll-outs of one answer. */
const SHOWN = 50;
const MINUTE_MS = 60_000;

/** What becomes of the configuration of one gateway. */
export interface GatewayChange {
  readonly gateway: string;
  readonly settings: Settings;
}

/** A roll-out to begin. */
export interface NewRollout {
  /** For people. */
  readonly title: string;
  /** How many gateways get it first. */
  readonly canaries: number;
  /** How long these must run well before the rest follows. */
  readonly soakMs: number;
  readonly changes: readonly GatewayChange[];
}

/**
 * Change the configuration of many gateways, a few of them first, or only say what would change.
 * @param now UTC ms
 * @throws ProblemError when nothing would change, or one of them is in another roll-out that goes on
 */
export async function startRollout(
  db: Queryable,
  { title, canaries, soakMinutes, dryRun, ...which }: StartRollout,
  by: { author: string; now: number },
): Promise<RolloutPlan> {
  return inTransaction(db, async (trx) => {
    const changes = await plannedChanges(trx, which);
    if (changes.length === 0)
      throw new ProblemError(409, 'nothing would change: every gateway is asked for this already');
    const first = await chooseCanaries(trx, changes, canaries);
    const rollout = { title, canaries, soakMs: soakMinutes * MINUTE_MS, changes };
    const id = dryRun ? null : await beginRollout(trx, rollout, by);
    const gateways = changes.map(({ gateway, differences }) => ({
      ...{ gateway, canary: first.includes(gateway), changes: differences },
    }));
    return { id, gateways };
  });
}

/**
 * Begin a roll-out: the canaries get their configuration at once.
 * @param now UTC ms
 * @returns its id
 * @throws ProblemError when one of the gateways is in another roll-out that goes on
 */
export async function beginRollout(
  trx: Queryable,
  { title, canaries, soakMs, changes }: NewRollout,
  { author, now }: { author: string; now: number },
): Promise<string> {
  await refuseWhileInAnother(trx, changes);
  const first = await chooseCanaries(trx, changes, canaries);
  const id = randomUUID();
  await trx
    .insertInto('rollout')
    .values({
      ...{ id, title, state: 'canary', reason: '', soak_ms: soakMs, author, at: now, changed_at: now },
      soaked_at: null,
    })
    .execute();
  for (const { gateway, settings } of changes)
    await trx
      .insertInto('rollout_gateway')
      .values({
        ...{ rollout: id, gateway, canary: first.includes(gateway) ? 1 : 0, state: 'waiting' },
        ...{ settings: JSON.stringify(settings), problem: '' },
        ...{ before_version: null, version: null, streaming_before: null },
      })
      .execute();
  await sendTo(trx, { id, title, author }, first, now);
  return id;
}

/** Those that are online, because only they can show whether it works; then in the order of their names. */
async function chooseCanaries(
  trx: Queryable,
  changes: readonly GatewayChange[],
  count: number,
): Promise<string[]> {
  const online = await trx.selectFrom('gateway').select('name').where('status', '=', 'online').execute();
  const names = new Set(online.map(({ name }) => name));
  return changes
    .map(({ gateway }) => gateway)
    .sort((a, b) => Number(names.has(b)) - Number(names.has(a)) || (a < b ? -1 : 1))
    .slice(0, count);
}

/** What would change, by gateway. */
interface Change extends GatewayChange {
  readonly differences: Difference[];
}

/** The gateways that would change, by name. */
async function plannedChanges(
  trx: Queryable,
  { site, gateways, patch }: Pick<StartRollout, 'site' | 'gateways' | 'patch'>,
): Promise<Change[]> {
  let query = trx.selectFrom('gateway').select('name').orderBy('name');
  if (site !== undefined) query = query.where('site', '=', site);
  const all = await query.execute();
  const missing = gateways?.find((name) => all.every((known) => known.name !== name));
  if (missing !== undefined) throw new ProblemError(404, `gateways: there is no gateway "${missing}" here`);
  const presets = await cameraPresets(trx);
  const cameras = await trx.selectFrom('camera').select(['gateway', 'id']).where('present', '=', 1).execute();
  const changes: Change[] = [];
  for (const { name } of all) {
    if (gateways !== undefined && !gateways.includes(name)) continue;
    const own = cameras.filter(({ gateway }) => gateway === name).map(({ id }) => id);
    const change = await changeOf(trx, { gateway: name, patch, cameras: own, presets });
    if (change.differences.length > 0) changes.push({ gateway: name, ...change });
  }
  return changes;
}

async function changeOf(
  trx: Queryable,
  asked: { gateway: string; patch: Settings; cameras: readonly string[]; presets: Presets },
): Promise<Pick<Change, 'settings' | 'differences'>> {
  const { gateway, patch, cameras, presets } = asked;
  const desired = await desiredOf(trx, gateway);
  const settings = patchSettings(desired?.settings ?? {}, patch, cameras);
  return { settings, differences: diffSettings(desired?.sent ?? {}, expandPresets(settings, presets)) };
}

async function refuseWhileInAnother(trx: Queryable, changes: readonly GatewayChange[]): Promise<void> {
  const busy = await trx
    .selectFrom('rollout_gateway')
    .innerJoin('rollout', 'rollout.id', 'rollout_gateway.rollout')
    .select(['rollout.title', 'rollout_gateway.gateway'])
    .where('rollout.state', 'in', OPEN)
    .execute();
  const found = busy.find(({ gateway }) => changes.some((change) => change.gateway === gateway));
  if (found !== undefined)
    throw new ProblemError(
      409,
      `gateway "${found.gateway}" is in the roll-out "${found.title}", which goes on; cancel it or wait for its end`,
    );
}

/** Give gateways of a roll-out its configuration. */
export async function sendTo(
  trx: Queryable,
  { id, title, author }: { id: string; title: string; author: string },
  gateways: readonly string[],
  now: number,
): Promise<void> {
  for (const gateway of gateways) {
    const { settings } = await trx
      .selectFrom('rollout_gateway')
      .select('settings')
      .where('rollout', '=', id)
      .where('gateway', '=', gateway)
      .executeTakeFirstOrThrow();
    const before = await desiredOf(trx, gateway);
    const wanted = {
      settings: JSON.parse(settings) as Settings,
      author,
      at: now,
      note: `roll-out: ${title}`,
    };
    const version = await putDesired(trx, gateway, wanted);
    await trx
      .updateTable('rollout_gateway')
      .set({
        ...{ state: 'sent', version, before_version: before?.version ?? null },
        streaming_before: await streamingCameras(trx, gateway),
      })
      .where('rollout', '=', id)
      .where('gateway', '=', gateway)
      .execute();
  }
}

/**
 * End a roll-out: who has not got it does not get it.
 * @throws ProblemError when there is none, or it is over
 */
export async function cancelRollout(db: Queryable, id: string, now: number): Promise<void> {
  await inTransaction(db, (trx) => end(trx, id, { to: 'cancelled', from: [...OPEN, 'halted'] }, now));
}

/**
 * Give every gateway of a roll-out the configuration back that it had before, unless somebody has changed it since.
 * @returns the gateways that get it
 * @throws ProblemError when there is none, or it was rolled back before
 */
export async function rollBack(
  db: Queryable,
  id: string,
  { author, now }: { author: string; now: number },
): Promise<string[]> {
  return inTransaction(db, async (trx) => {
    const title = await end(
      trx,
      id,
      { to: 'rolled-back', from: [...OPEN, 'halted', 'cancelled', 'done'] },
      now,
    );
    const rows = await trx
      .selectFrom('rollout_gateway')
      .select(['gateway', 'version', 'before_version'])
      .where('rollout', '=', id)
      .where('version', 'is not', null)
      .orderBy('gateway')
      .execute();
    const restored: string[] = [];
    for (const { gateway, version, before_version: before } of rows) {
      if ((await desiredOf(trx, gateway))?.version !== version) continue;
      const by = { author, at: now, note: `rolled back: ${title}` };
      if (before === null) await putDesired(trx, gateway, { settings: {}, ...by });
      else await restoreDesired(trx, gateway, before, by);
      restored.push(gateway);
    }
    return restored;
  });
}

async function end(
  trx: Queryable,
  id: string,
  { to, from }: { to: RolloutState; from: readonly RolloutState[] },
  now: number,
): Promise<string> {
  const { numUpdatedRows } = await trx
    .updateTable('rollout')
    .set({ state: to, changed_at: now })
    .where('id', '=', id)
    .where('state', 'in', from)
    .executeTakeFirst();
  const rollout = await trx
    .selectFrom('rollout')
    .select(['title', 'state'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (rollout === undefined) throw new ProblemError(404, 'there is no such roll-out');
  if (numUpdatedRows === 0n) throw new ProblemError(409, `the roll-out is ${rollout.state} already`);
  return rollout.title;
}

/** The newest roll-outs, or the one that is named. */
export async function listRollouts(db: Queryable, id?: string): Promise<Rollout[]> {
  let query = db.selectFrom('rollout').selectAll().orderBy('at', 'desc').orderBy('id').limit(SHOWN);
  if (id !== undefined) query = query.where('id', '=', id);
  const rollouts = await query.execute();
  if (rollouts.length === 0) return [];
  const ids = rollouts.map((rollout) => rollout.id);
  const members = await db
    .selectFrom('rollout_gateway')
    .select(['rollout', 'gateway', 'canary', 'state', 'version', 'problem'])
    .where('rollout', 'in', ids)
    .orderBy('canary', 'desc')
    .orderBy('gateway')
    .execute();
  return rollouts.map(({ soak_ms, soaked_at, changed_at, ...rollout }) => ({
    ...rollout,
    changedAt: changed_at,
    restAt: rollout.state === 'soak' && soaked_at !== null ? soaked_at + soak_ms : null,
    gateways: members
      .filter((member) => member.rollout === rollout.id)
      .map(({ canary, gateway, state, version, problem }) => ({
        ...{ gateway, canary: canary === 1, state, version, problem },
      })),
  }));
}
