import type { RolloutGatewayState } from '../schema/rollout-words.js';
import type { Queryable } from '../store/store.js';
import { desiredOf, reportedOf } from './desired.js';

/** Where a gateway of a roll-out stands, and what went wrong. */
export interface Progress {
  readonly state: RolloutGatewayState;
  readonly problem: string;
}

/** Cameras of a gateway that give pictures now; none while it is not online. */
export async function streamingCameras(db: Queryable, gateway: string): Promise<number> {
  const { count } = await db
    .selectFrom('camera')
    .innerJoin('gateway', 'gateway.name', 'camera.gateway')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('gateway', '=', gateway)
    .where('gateway.status', '=', 'online')
    .where('camera.present', '=', 1)
    .where('camera.state', '=', 'streaming')
    .executeTakeFirstOrThrow();
  return count;
}

/**
 * What a gateway says of a version that it was sent. A gateway tries a configuration for ten minutes and takes it back when it
 * counts worse, so that "applied" has stood a trial.
 */
export async function progressOf(
  db: Queryable,
  { gateway, version }: { gateway: string; version: number },
): Promise<Progress> {
  const desired = await desiredOf(db, gateway);
  if (desired?.version !== version) return { state: 'superseded', problem: '' };
  const reported = await reportedOf(db, gateway);
  if (reported?.version !== version) return { state: 'sent', problem: '' };
  const { outcome, detail, problems } = reported;
  if (outcome === 'refused')
    return {
      state: 'failed',
      problem: problems.map(({ path, message }) => `${path}: ${message}`).join('; '),
    };
  if (outcome === 'rolled-back') return { state: 'failed', problem: detail };
  return { state: outcome === 'applied' ? 'applied' : 'sent', problem: '' };
}
