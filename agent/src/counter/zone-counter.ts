import type { Point } from '@headcount/shared';
import type { Anchor } from '../config/camera-config.js';
import type { Track } from '../tracker/track.js';

// @TODO for the merge: a minimal stand-in with the real zone counter's interface; replace the whole file.

/** One stay of one person in a zone. */
export interface Visit {
  readonly track: number;
  /** Monotonic ms. */
  readonly from: number;
  readonly to: number;
  /** Whether both ends were seen. */
  readonly complete: boolean;
}

/** What a zone looks like after a frame. */
export interface ZoneUpdate {
  readonly occupancy: number;
  readonly queue: number;
  readonly over: boolean;
  readonly entered: number;
  readonly ended: readonly Visit[];
}

/** Follows who is in a zone. */
export interface ZoneCounter {
  update(tracks: readonly Track[], at: number): ZoneUpdate;
}

/** Somebody who has not been seen for so long has left (ms). */
const GONE_MS = 2000;

export function createZoneCounter(options: {
  id: string;
  polygon: readonly Point[];
  anchor: Anchor;
  capacity?: number;
}): ZoneCounter {
  const inside = new Map<number, { from: number; to: number }>();
  return {
    update(tracks, at) {
      const ended: Visit[] = [];
      let entered = 0;
      const end = (track: number, complete: boolean) => {
        const visit = inside.get(track);
        if (visit !== undefined) ended.push({ track, ...visit, complete });
        inside.delete(track);
      };
      for (const track of tracks) {
        if (track.state !== 'confirmed' || track.seenAt !== at) continue;
        const visit = inside.get(track.id);
        if (!contains(options.polygon, anchorOf(track, options.anchor))) end(track.id, true);
        else if (visit === undefined) {
          entered += 1;
          inside.set(track.id, { from: at, to: at });
        } else visit.to = at;
      }
      for (const [track, { to }] of inside) if (at - to > GONE_MS) end(track, false);
      const occupancy = inside.size;
      return { occupancy, queue: 0, over: occupancy > (options.capacity ?? Infinity), entered, ended };
    },
  };
}

function anchorOf({ box }: Track, anchor: Anchor): Point {
  const share = { 'bottom-centre': 1, centre: 0.5, head: 0 }[anchor];
  return { x: box.x + box.w / 2, y: box.y + share * box.h };
}

/** Even-odd rule. */
function contains(polygon: readonly Point[], { x, y }: Point): boolean {
  return polygon.reduce((odd, a, index) => {
    const b = polygon[(index + 1) % polygon.length] ?? a;
    const crosses = a.y > y !== b.y > y && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x);
    return crosses ? !odd : odd;
  }, false);
}
