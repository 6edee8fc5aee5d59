import type { Logger } from 'pino';
import type { Store } from '../store/store.js';
import type { ErrorLines } from './error-lines.js';
import { storeErrors } from './groups.js';

/** How often errors are written (ms): never one by one. */
const FLUSH_MS = 5000;

/** What it needs. */
export interface ErrorLogOptions {
  readonly store: Store;
  readonly lines: ErrorLines;
  readonly version: string;
  readonly logger: Logger;
}

/** Writes the errors that the logger saw into their groups, now and then and at the end. */
export class ErrorLog {
  private readonly options: ErrorLogOptions;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private failing = false;

  constructor(options: ErrorLogOptions) {
    this.options = options;
  }

  start(): void {
    this.timer ??= setInterval(() => void this.flush(), FLUSH_MS);
  }

  /** Write what is left. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** Write what was gathered; what cannot be written is kept for the next time. */
  flush(): Promise<void> {
    this.running = this.running.then(() => this.write());
    return this.running;
  }

  private async write(): Promise<void> {
    const { store, lines, version, logger } = this.options;
    const seen = lines.take();
    try {
      await storeErrors(store, seen, version);
      this.failing = false;
    } catch (error) {
      lines.giveBack(seen);
      // A warning, once: an error would be gathered here again.
      if (!this.failing) logger.warn({ err: error }, 'error groups could not be written');
      this.failing = true;
    }
  }
}
