import type { LiveMessage } from '@headcount/shared';

/** At most one live message in this time (ms). */
const PERIOD_MS = 1000;
/** Longest watch that one command can ask for (ms): a lost "stop" must not keep a gateway talking. */
const LONGEST_WATCH_MS = 90_000;

/** Sends live messages while somebody watches. */
export class Watch {
  private readonly live: () => LiveMessage;
  private readonly publish: (message: string) => void;
  private readonly monotonic: () => number;
  private until = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: {
    live: () => LiveMessage;
    publish: (message: string) => void;
    monotonic: () => number;
  }) {
    this.live = options.live;
    this.publish = options.publish;
    this.monotonic = options.monotonic;
  }

  /** Watch for so many milliseconds from now; capped, and measured on the monotonic clock. */
  extend(ms: number): void {
    this.until = this.monotonic() + Math.min(ms, LONGEST_WATCH_MS);
    this.timer ??= setInterval(() => this.tick(), PERIOD_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private tick(): void {
    if (this.monotonic() >= this.until) this.stop();
    else this.publish(JSON.stringify(this.live()));
  }
}
