import { inTransaction, type Queryable, type Store } from '../store/store.js';
import type { Tables } from '../store/tables.js';
import { progressOf, streamingCameras } from './rollout-progress.js';
import { OPEN, sendTo } from './rollouts.js';

type Row = Tables['rollout'];
type Member = Tables['rollout_gateway'];

/**
 * Move every roll-out on that goes on by itself: canaries that have all taken the change run for a while, then the rest
 * follows. A canary that refuses it, takes it back or has lost a camera halts the roll-out.
 * @param now UTC ms
 * @returns titles of the roll-outs that have moved, with their new state
 */
export async function advanceRollouts(
  store: Store,
  now: number,
): Promise<{ title: string; state: Row['state']; reason: string }[]> {
  const open = await store.selectFrom('rollout').select('id').where('state', 'in', OPEN).execute();
  const moved = [];
  for (const { id } of open) {
    const change = await inTransaction(store, async (trx) => {
      // Takes the row first, so that a person who ends it at the same time waits or wins.
      await trx.updateTable('rollout').set({ id }).where('id', '=', id).execute();
      return advance(trx, id, now);
    });
    if (change !== undefined) moved.push(change);
  }
  return moved;
}

async function advance(trx: Queryable, id: string, now: number) {
  const rollout = await trx.selectFrom('rollout').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  if (!OPEN.includes(rollout.state)) return undefined;
  const members = await membersNow(trx, id);
  const next = await nextState(trx, rollout, members, now);
  if (next === undefined) return undefined;
  const { state, reason = '' } = next;
  await trx
    .updateTable('rollout')
    .set({ state, reason, changed_at: now, ...(state === 'soak' && { soaked_at: now }) })
    .where('id', '=', id)
    .execute();
  if (state === 'rest') {
    const waiting = members.filter((member) => member.state === 'waiting');
    await sendTo(
      trx,
      rollout,
      waiting.map(({ gateway }) => gateway),
      now,
    );
  }
  return { title: rollout.title, state, reason };
}

/** The members with what their gateways have said since. */
async function membersNow(trx: Queryable, id: string): Promise<Member[]> {
  const members = await trx.selectFrom('rollout_gateway').selectAll().where('rollout', '=', id).execute();
  for (const member of members) {
    const { gateway, version } = member;
    if (version === null || member.state === 'superseded') continue;
    const progress = await progressOf(trx, { gateway, version });
    if (progress.state === member.state && progress.problem === member.problem) continue;
    Object.assign(member, progress);
    await trx
      .updateTable('rollout_gateway')
      .set({ ...progress })
      .where('rollout', '=', id)
      .where('gateway', '=', gateway)
      .execute();
  }
  return members;
}

async function nextState(
  trx: Queryable,
  { state, soak_ms, soaked_at }: Row,
  members: readonly Member[],
  now: number,
): Promise<{ state: Row['state']; reason?: string } | undefined> {
  const settled = (list: readonly Member[]) =>
    list.every((member) => member.state !== 'waiting' && member.state !== 'sent');
  const canaries = members.filter(({ canary }) => canary === 1);
  if (state === 'rest') return settled(members) ? { state: 'done', reason: failures(members) } : undefined;
  const failed = failures(canaries);
  if (failed !== '') return { state: 'halted', reason: failed };
  if (state === 'canary' && !settled(canaries)) return undefined;
  if (canaries.every((canary) => canary.state === 'superseded'))
    return { state: 'halted', reason: 'no canary is left: somebody has changed their configuration since' };
  if (state === 'canary') return { state: 'soak' };
  if (now < (soaked_at ?? now) + soak_ms) return undefined;
  const worse = await lostCameras(trx, canaries);
  return worse === undefined ? { state: 'rest' } : { state: 'halted', reason: worse };
}

function failures(members: readonly Member[]): string {
  const failed = members.filter(({ state }) => state === 'failed');
  return failed.map(({ gateway, problem }) => `${gateway}: ${problem}`).join('; ');
}

async function lostCameras(trx: Queryable, canaries: readonly Member[]): Promise<string | undefined> {
  for (const { gateway, state, streaming_before: before } of canaries) {
    if (state !== 'applied') continue;
    const streaming = await streamingCameras(trx, gateway);
    if (streaming < (before ?? 0))
      return `${gateway}: ${streaming} cameras give pictures, ${before} did before`;
  }
  return undefined;
}
