import type { Logger } from 'pino';

/** The level at which the agent logs: the configured one, or another for a limited time. */
export class LogLevel {
  private readonly logger: Logger;
  private configured: string;
  private back: NodeJS.Timeout | undefined;

  constructor(logger: Logger, configured: string) {
    this.logger = logger;
    this.configured = configured;
  }

  /** The configuration says so; counts at once unless somebody asked for another level for a while. */
  configure(level: string): void {
    this.configured = level;
    if (this.back === undefined) this.logger.level = level;
  }

  /** Log at this level for so many milliseconds, then as configured again. */
  hold(level: string, forMs: number): void {
    clearTimeout(this.back);
    this.logger.level = level;
    this.back = setTimeout(() => this.release(), forMs);
    this.back.unref();
  }

  /** Back to the configured level now. */
  release(): void {
    clearTimeout(this.back);
    this.back = undefined;
    this.logger.level = this.configured;
  }
}
