import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Logger } from 'pino';

/** Editors write a file in several steps; the last one counts (ms). */
const QUIET_MS = 500;

/**
 * Tells that a file has changed. The folder is watched, not the file: most editors write a new file and rename it, and
 * a watch on the old one would see nothing any more.
 */
export class FileWatch {
  private readonly options: { file: string; onChange: () => void; logger: Logger };
  private watcher: FSWatcher | undefined;
  private quiet: NodeJS.Timeout | undefined;

  constructor(options: { file: string; onChange: () => void; logger: Logger }) {
    this.options = options;
  }

  /** A folder that cannot be watched is logged: SIGHUP still works. */
  start(): void {
    if (this.watcher !== undefined) return;
    const { file, logger } = this.options;
    try {
      this.watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
        if (name === basename(file)) this.changed();
      });
      this.watcher.on('error', (error) =>
        logger.warn({ err: error, file }, 'cannot watch the configuration file'),
      );
    } catch (error) {
      logger.warn({ err: error, file }, 'cannot watch the configuration file; send SIGHUP after a change');
    }
  }

  stop(): void {
    clearTimeout(this.quiet);
    this.watcher?.close();
    this.watcher = undefined;
  }

  private changed(): void {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(this.options.onChange, QUIET_MS);
  }
}
