import type { ZoneConfig } from '../config/camera-config.js';
import { toPixels } from '../counter/polygon.js';
import {
  createZoneCounter,
  type Visit,
  type ZoneCounter,
  type ZoneReading,
} from '../counter/zone-counter.js';
import type { Track } from '../tracker/track.js';

/** What one frame says about one zone of a camera. */
export interface ZoneSight extends ZoneReading {
  readonly zone: ZoneConfig;
}

/**
 * The zone counters of one camera. They start afresh when the picture size changes, because polygons and boxes are in
 * its pixels.
 */
export class CameraZones {
  private readonly zones: readonly ZoneConfig[];
  private readonly isOver: (zone: string) => boolean;
  private size = { width: 0, height: 0 };
  private counters: readonly ZoneCounter[] = [];

  /** @param options.isOver what was last told about a zone's capacity; survives restarts */
  constructor(options: { zones: readonly ZoneConfig[]; isOver: (zone: string) => boolean }) {
    this.zones = options.zones;
    this.isOver = options.isOver;
  }

  /** @param frame size in pixels and monotonic time in ms of the frame that the tracks come from */
  update(frame: { width: number; height: number; at: number }, tracks: readonly Track[]): ZoneSight[] {
    const fits = frame.width === this.size.width && frame.height === this.size.height;
    const cut = fits ? [] : this.restart(frame);
    return this.counters.flatMap((counter, index) => {
      const zone = this.zones[index];
      if (zone === undefined) return [];
      const reading = counter.update(tracks, frame.at);
      return { zone, ...reading, ended: [...(cut[index] ?? []), ...reading.ended] };
    });
  }

  /** The stream broke: how many visits ended unseen, by zone id. */
  interrupt(): { zone: string; visits: number }[] {
    return this.endAll().map((visits, index) => ({
      zone: this.zones[index]?.id ?? '',
      visits: visits.length,
    }));
  }

  private endAll(): Visit[][] {
    return this.counters.map((counter) => counter.interrupt());
  }

  private restart({ width, height }: { width: number; height: number }): Visit[][] {
    const cut = this.endAll();
    this.size = { width, height };
    this.counters = this.zones.map(({ id, polygon, anchor, capacity }) =>
      createZoneCounter({
        id,
        polygon: toPixels(polygon, { width, height }),
        anchor,
        capacity,
        over: this.isOver(id),
      }),
    );
    return cut;
  }
}
