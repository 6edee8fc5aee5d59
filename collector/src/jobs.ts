import cron from 'node-cron';
import type { Logger } from 'pino';
import type { Metrics } from './observability/metrics.js';

/** Every night at an hour when few people count. */
export const NIGHTLY = '17 3 * * *';
export const HOURLY = '11 * * * *';
export const EVERY_MINUTE = '* * * * *';
export const EVERY_5_SECONDS = '*/5 * * * * *';
export const EVERY_QUARTER_MINUTE = '*/15 * * * * *';

/** What the timers' library has to say, such as a run that came late because the process was busy. */
function cronLogger(logger: Logger, job: string) {
  const say = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string | Error) =>
    logger[level]({ job }, message instanceof Error ? message.message : message);
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}

/** What the timers need. */
export interface JobOptions {
  /** Whether this collector, of those that share a database, runs the timers. */
  readonly leads: () => boolean;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** The collector's timers: a failure is logged and measured, and never the end of the collector. */
export class Jobs {
  private readonly options: JobOptions;
  private readonly running: { stop: () => unknown }[] = [];

  constructor(options: JobOptions) {
    this.options = options;
  }

  /** @param when in cron's notation, with seconds in front where there are six fields */
  every(when: string, name: string, work: () => Promise<void>): void {
    const { leads, metrics, logger } = this.options;
    const run = async () => {
      if (!leads()) return;
      await metrics
        .job(name, work, Date.now)
        .catch((error: unknown) => logger.error({ err: error, job: name }, 'a timer failed'));
    };
    // Without a logger the library writes its own lines between those of the log.
    this.running.push(cron.schedule(when, run, { noOverlap: true, logger: cronLogger(logger, name) }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.splice(0).map((job) => job.stop()));
  }
}
