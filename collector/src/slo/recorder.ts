import type { Logger } from 'pino';
import type { Store } from '../store/store.js';
import type { Answers } from './answers.js';
import { addToBuckets, bucketStart, type SloBucket } from './buckets.js';
import { recordUptime } from './uptime.js';

/** How often numbers are written (ms). */
const EVERY_MS = 30_000;

/** What the recorder needs. */
export interface SloRecorderOptions {
  readonly store: Store;
  readonly answers: Answers;
  /** Whether this collector runs the timers, and whether another one runs beside it. */
  readonly membership: { readonly leads: boolean; othersAlive: () => Promise<boolean> };
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Writes how well promises are kept: each collector its own answers, the one that runs the timers that there is one. */
export class SloRecorder {
  private readonly options: SloRecorderOptions;
  private timer: NodeJS.Timeout | undefined;
  private upSince = 0;
  /** What could not be written yet. */
  private waiting: SloBucket[] = [];

  constructor(options: SloRecorderOptions) {
    this.options = options;
  }

  /** From now on this collector is up. */
  async start(): Promise<void> {
    this.upSince = this.options.now();
    await this.record();
    this.timer = setInterval(() => void this.record(), EVERY_MS);
  }

  /** Write what is left. */
  async stop(): Promise<void> {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    await this.record();
  }

  private async record(): Promise<void> {
    const { store, answers, membership, now, logger } = this.options;
    const at = now();
    if (this.waiting.length === 0) this.waiting = answers.take(bucketStart(at));
    try {
      await addToBuckets(store, this.waiting);
      this.waiting = [];
      if (membership.leads)
        await recordUptime(store, (await membership.othersAlive()) ? 0 : this.upSince, at);
    } catch (error) {
      // Whatever keeps the database from answering is told by those who need it.
      logger.warn({ err: error }, 'it could not be recorded how well promises are kept');
    }
  }
}
