import { insidePolygon, type Point } from '@headcount/shared';
import type { CameraConfig } from '../config/config.js';
import type { Detection } from './detector.js';

/** What of a camera's configuration says who is looked at. */
export type PersonFilterConfig = Pick<CameraConfig, 'masks' | 'person'>;

/** Nobody is left out. */
export const EVERYBODY: PersonFilterConfig = {
  masks: { privacy: [], exclude: [] },
  person: { minHeight: 0, maxHeight: 2 },
};

/**
 * Leave out who is too small or too tall for the place, and whose feet are where nobody is counted (mirrors, posters,
 * shop windows).
 * @param size of the frame in pixels
 */
export function keepPeople(
  detections: readonly Detection[],
  { masks, person }: PersonFilterConfig,
  size: { readonly width: number; readonly height: number },
): readonly Detection[] {
  const everybody = masks.exclude.length === 0 && person.minHeight === 0 && person.maxHeight >= 2;
  if (everybody) return detections;
  const excluded = masks.exclude.map((corners) =>
    corners.map(([x, y]): Point => ({ x: x * size.width, y: y * size.height })),
  );
  return detections.filter(({ box }) => {
    const height = box.h / size.height;
    const feet = { x: box.x + box.w / 2, y: box.y + box.h };
    const fits = height >= person.minHeight && height <= person.maxHeight;
    return fits && !excluded.some((polygon) => insidePolygon(polygon, feet));
  });
}
