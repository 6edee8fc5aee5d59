import type { LineConfig } from '../config/camera-config.js';
import { createLineCounter, type Crossing, type LineCounter } from '../counter/line-counter.js';
import { toPixels } from '../counter/polygon.js';
import type { Detection } from '../detector/detector.js';
import type { Track } from '../tracker/track.js';
import { createTracker, type Tracker } from '../tracker/tracker.js';

/** One frame's outcome. */
export interface Counted {
  readonly tracks: readonly Track[];
  readonly crossings: readonly Crossing[];
}

/**
 * Detections in, crossings out: tracker and line counters of one camera, the part that live counting and
 * evaluation share. Starts afresh when the picture size changes, because boxes are in its pixels.
 */
export class PersonCounter {
  private readonly lines: readonly LineConfig[];
  private readonly highScore: number;
  private size = { width: 0, height: 0 };
  private tracker: Tracker | undefined;
  private counters: readonly LineCounter[] = [];

  constructor(options: { lines: readonly LineConfig[]; highScore: number }) {
    this.lines = options.lines;
    this.highScore = options.highScore;
  }

  /** @param frame size in pixels and monotonic time in ms of the frame that the detections come from */
  update(frame: { width: number; height: number; at: number }, detections: readonly Detection[]): Counted {
    const tracker = this.tracker !== undefined && this.fits(frame) ? this.tracker : this.restart(frame);
    const tracks = tracker.update(detections, frame.at);
    const crossings = this.counters.flatMap((counter) => counter.update(tracks, frame.at));
    return { tracks, crossings };
  }

  private fits(frame: { width: number; height: number }): boolean {
    return frame.width === this.size.width && frame.height === this.size.height;
  }

  private restart({ width, height }: { width: number; height: number }): Tracker {
    this.size = { width, height };
    this.tracker = createTracker({ highScore: this.highScore });
    this.counters = this.lines.map((line) =>
      createLineCounter({
        id: line.id,
        path: toPixels([line.from, ...line.via, line.to], { width, height }),
        anchor: line.anchor,
      }),
    );
    return this.tracker;
  }
}
