import type { Logger } from 'pino';
import type { Stages } from './stages.js';
import type { Systemd } from './systemd.js';

/** Feeds per watchdog period: one that is late must not kill a healthy agent (sd_watchdog_enabled(3) says two). */
const FEEDS_PER_PERIOD = 3;

/** Feeds systemd's watchdog while every stage moves, and says which stage it is that does not. */
export class Watchdog {
  private readonly stages: Stages;
  private readonly systemd: Systemd;
  private readonly logger: Logger;
  private named = '';
  private fedAt = -Infinity;

  constructor(options: { stages: Stages; systemd: Systemd; logger: Logger }) {
    this.stages = options.stages;
    this.systemd = options.systemd;
    this.logger = options.logger;
  }

  /** Call about once a second. @param now monotonic ms */
  async check(now: number): Promise<void> {
    const stuck = this.stages.stuck();
    const names = stuck.map(({ name }) => name).join(', ');
    if (names !== this.named) {
      this.named = names;
      if (names === '') this.logger.info('every stage moves again');
      else this.logger.error({ stuck }, 'a stage is stuck; systemd will start the agent again');
      await this.systemd.notify(names === '' ? 'STATUS=counting' : `STATUS=stuck: ${names}`);
    }
    const { watchdogMs } = this.systemd;
    if (watchdogMs === undefined || names !== '' || now - this.fedAt < watchdogMs / FEEDS_PER_PERIOD) return;
    this.fedAt = now;
    await this.systemd.notify('WATCHDOG=1');
  }
}
