import { cameraOverview } from '../fleet/overview.js';
import type { Camera } from '../schema/api.js';
import type { Store } from '../store/store.js';
import { countSpan } from './counts.js';
import { bucketsOf } from './zone.js';

/** Every camera with the counts of its site day so far. */
export async function camerasToday(store: Store, now: number): Promise<Camera[]> {
  const cameras = await cameraOverview(store);
  return Promise.all(
    cameras.map(async ({ lines, ...camera }) => {
      const [day] = bucketsOf(camera.timeZone, 'day', { from: now, to: now + 1 });
      const span = day ?? { start: now, end: now };
      const counted = lines.map(async ({ id, name, first_at: firstAt, name_in, name_out }) => {
        const { gateway, timeZone } = camera;
        const line = { gateway, camera: camera.id, line: id, timeZone, firstAt, until: null };
        const stitched = await stitchedSince(store, line, span.start);
        const directions = { in: name_in, out: name_out };
        return { id, name, directions, stitched, ...(await countSpan(store, line, span, now)) };
      });
      return { ...camera, today: { from: span.start, lines: await Promise.all(counted) } };
    }),
  );
}

async function stitchedSince(
  store: Store,
  { gateway, camera, line }: { gateway: string; camera: string; line: string },
  from: number,
): Promise<number> {
  const row = await store
    .selectFrom('count_interval')
    .select(({ fn }) => fn.sum<number | null>('stitched').as('stitched'))
    .where('gateway', '=', gateway)
    .where('camera', '=', camera)
    .where('line', '=', line)
    .where('start_at', '>=', from)
    .executeTakeFirst();
  return row?.stitched ?? 0;
}
