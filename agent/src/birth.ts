import { CONTRACT_VERSION, type BirthMessage } from '@headcount/shared';
import type { AgentConfig, CameraConfig } from './config/config.js';

/** What the collector is told when this gateway says hello, and when its cameras change. */
export function birthMessage(
  config: AgentConfig,
  { at, bootId, version, modelHash }: Pick<BirthMessage, 'at' | 'bootId' | 'version' | 'modelHash'>,
): BirthMessage {
  return {
    ...{ v: CONTRACT_VERSION, status: 'online', at, bootId, version },
    ...{ configVersion: config.version, modelHash, cameras: config.cameras.map(birthOf) },
  };
}

function birthOf({ id, name, lines, zones }: CameraConfig): BirthMessage['cameras'][number] {
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
