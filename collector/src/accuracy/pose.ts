import type { SceneCondition } from '@headcount/shared';
import type { Queryable } from '../store/store.js';

/**
 * When each camera was moved for good: its picture had moved, and a person took the new one. What was audited before was another
 * picture. By "gateway/camera"; UTC ms.
 * @param from earlier ones are left out
 * @param only of this camera; of all without it
 */
export async function poseChanges(
  db: Queryable,
  from: number,
  only?: { readonly gateway: string; readonly camera: string },
): Promise<Map<string, number>> {
  let query = db
    .selectFrom('scene_edge')
    .select(['gateway', 'epoch', 'seq', 'camera', 'at'])
    .where('accepted', '=', 1)
    .where('at', '>=', from)
    .orderBy('at');
  if (only !== undefined) query = query.where('gateway', '=', only.gateway).where('camera', '=', only.camera);
  const accepted = await query.execute();
  const changes = new Map<string, number>();
  for (const { gateway, epoch, seq, camera, at } of accepted) {
    const before = await db
      .selectFrom('scene_edge')
      .select('active')
      .where('gateway', '=', gateway)
      .where('camera', '=', camera)
      .where('at', '<=', at)
      .where((where) => where.or([where('epoch', '!=', epoch), where('seq', '<', seq)]))
      .orderBy('at', 'desc')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    const active = JSON.parse(before?.active ?? '[]') as SceneCondition[];
    if (active.includes('moved')) changes.set(`${gateway}/${camera}`, at);
  }
  return changes;
}
