import type { BirthMessage } from '@headcount/shared';
import type { CameraConfig } from './config/config.js';

/** What the collector is told about a camera. */
export function birthOf({ id, name, lines, zones }: CameraConfig): BirthMessage['cameras'][number] {
  return {
    id,
    name,
    lines: lines.map((line) => {
      const { name: label, from, via, to, directions, entrance } = line;
      return { id: line.id, name: label, from, via, to, directions, entrance };
    }),
    zones: zones.map((zone) => {
      const { name: label, polygon, capacity = null } = zone;
      return { id: zone.id, name: label, polygon, capacity };
    }),
  };
}
