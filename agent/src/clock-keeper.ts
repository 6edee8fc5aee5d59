import type { EventRecord } from '@headcount/shared';
import type { Logger } from 'pino';
import type { ClockState } from './health/time-service.js';
import type { Stamp } from './outbox/outbox.js';
import type { Journal } from './pipeline/journal.js';
import type { UtcClock } from './pipeline/utc-clock.js';

/** How often it is asked whether the clock is set (ms): often while counts wait for it. */
const ASK_MS = 60_000;
const ASK_WAITING_MS = 5000;
/** Counts wait so long for a time server (ms), then they go as they are: no network may ever have one. */
const LONGEST_WAIT_MS = 600_000;

/** What the keeper needs. */
export interface ClockKeeperOptions {
  readonly clock: UtcClock;
  readonly journal: Pick<Journal, 'write' | 'backStamp'>;
  /** Id of the machine's boot, and ms since then: the same in every process of this boot. */
  readonly boot: string;
  readonly sinceBoot: () => number;
  readonly monotonic: () => number;
  readonly askSync: () => Promise<ClockState>;
  readonly onStep: (before: number, after: number, continues: boolean) => void;
  readonly logger: Logger;
}

/**
 * Follows the wall clock. A machine without a clock of its own starts with a wrong time: until a time server has set it,
 * records are kept back with the boot and the offset of the clock, and are moved to the right time then.
 */
export class ClockKeeper {
  private readonly options: ClockKeeperOptions;
  private sync: ClockState = { synchronised: null, offsetMs: null };
  private nextAsk = -Infinity;
  private asking = false;
  /** The clock since the boot less the machine's monotonic clock (ms), as the records of this run are stamped with. */
  private offsetMs = 0;
  /** Monotonic ms since when counts wait for a time server; undefined when they do not. */
  private waitingSince: number | undefined;
  /** The disk has not moved the records yet. */
  private unsettled = false;

  constructor(options: ClockKeeperOptions) {
    this.options = options;
  }

  /** Ask for the first time; from then on records are stamped, if nobody has set the clock. */
  async start(): Promise<void> {
    const { clock, sinceBoot, monotonic, logger } = this.options;
    await this.ask();
    this.offsetMs = clock.at() - Math.round(sinceBoot());
    clock.certain = this.sync.synchronised !== false;
    if (clock.certain) this.unsettled = true;
    else {
      this.waitingSince = monotonic();
      logger.warn('no time server has set the clock since the machine was started; counts wait for it');
    }
  }

  /** How records of now are marked; undefined while the clock is right. */
  stamp(): Stamp | undefined {
    const { boot } = this.options;
    return this.waitingSince === undefined ? undefined : { boot, offsetMs: this.offsetMs };
  }

  /** Compare with the wall clock; called about once a second. */
  tick(): void {
    const { clock, monotonic } = this.options;
    if (monotonic() >= this.nextAsk) void this.ask();
    const before = clock.at();
    const step = clock.follow();
    if (step !== 0) this.stepped(before, clock.at());
    if (this.waitingSince !== undefined) this.waitNoLonger(this.waitingSince, before);
    if (this.unsettled) this.settle();
  }

  status(): ClockState {
    return this.sync;
  }

  private stepped(before: number, after: number): void {
    const { onStep, logger } = this.options;
    const stepMs = after - before;
    const continues = this.waitingSince !== undefined;
    logger.warn({ stepMs }, 'clock step');
    onStep(before, after, continues);
    // Only now: what the cameras have just written was still counted under the old offset.
    this.offsetMs += stepMs;
    this.event('clock-step', `the clock stepped by ${stepMs} ms`);
  }

  private waitNoLonger(since: number, wrong: number): void {
    const { clock, monotonic, logger } = this.options;
    const synchronised = this.sync.synchronised === true;
    const late = monotonic() - since > LONGEST_WAIT_MS && clock.wallIsPlausible();
    if (!synchronised && !late) return;
    logger.info({ synchronised, was: wrong, is: clock.at() }, 'counts wait for the clock no longer');
    this.waitingSince = undefined;
    clock.certain = true;
    this.unsettled = true;
    if (!synchronised)
      this.event(
        'clock-unsynchronised',
        `no time server within ${LONGEST_WAIT_MS / 60_000} minutes of the start`,
      );
  }

  /** Move what waits on the disk, now or, when it refuses, with a later tick. */
  private settle(): void {
    const { boot, journal, logger } = this.options;
    const done = journal.backStamp({ boot, offsetMs: this.offsetMs });
    if (done === undefined) return;
    this.unsettled = false;
    if (done.moved === 0) return;
    logger.info(done, 'records that waited for the clock may go');
    if (done.uncorrected > 0)
      this.event(
        'clock-unsynchronised',
        `${done.uncorrected} records of an earlier start keep the time of a clock that was never set`,
      );
  }

  private async ask(): Promise<void> {
    const { askSync, monotonic, logger } = this.options;
    if (this.asking) return;
    this.asking = true;
    try {
      this.sync = await askSync();
    } catch (error) {
      logger.debug({ err: error }, 'the state of the clock cannot be read');
      this.sync = { synchronised: null, offsetMs: null };
    } finally {
      this.asking = false;
      this.nextAsk = monotonic() + (this.waitingSince === undefined ? ASK_MS : ASK_WAITING_MS);
    }
  }

  private event(event: EventRecord['event'], detail: string): void {
    this.options.journal.write([{ kind: 'event', at: this.options.clock.at(), event, detail }]);
  }
}
