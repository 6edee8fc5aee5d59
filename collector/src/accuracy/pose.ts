import type { SceneCondition } from '@headcount/shared';
import type { Store } from '../store/store.js';

/**
 * When each camera was moved for good: its picture had moved, and a person took the new one. What was audited before was another
 * picture. By "gateway/camera"; UTC ms.
 * @param from earlier ones are left out
 */
export async function poseChanges(store: Store, from: number): Promise<Map<string, number>> {
  const accepted = await store
    .selectFrom('scene_edge')
    .select(['gateway', 'epoch', 'seq', 'camera', 'at'])
    .where('accepted', '=', 1)
    .where('at', '>=', from)
    .orderBy('at')
    .execute();
  const changes = new Map<string, number>();
  for (const { gateway, epoch, seq, camera, at } of accepted) {
    const before = await store
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
