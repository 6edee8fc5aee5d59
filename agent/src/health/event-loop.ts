import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

/** How often the loop is looked at (ms): fine enough for delays that cost frames, and 50 wake-ups a second cost little. */
const RESOLUTION_MS = 20;

/** How late the event loop was; its histogram is emptied by every reading, so it stays small. */
export class EventLoopDelay {
  private histogram: IntervalHistogram | undefined;

  start(): void {
    this.histogram ??= monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.histogram.enable();
  }

  stop(): void {
    this.histogram?.disable();
    this.histogram = undefined;
  }

  /** 99th percentile since the reading before in ms; null when nothing was measured. */
  take(): number | null {
    if (this.histogram === undefined || this.histogram.count === 0) return null;
    // The histogram holds the distance between two looks, so the wanted distance is taken off.
    const delay = this.histogram.percentile(99) / 1e6 - RESOLUTION_MS;
    this.histogram.reset();
    return Math.max(0, delay);
  }
}
