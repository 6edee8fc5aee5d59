import { statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { Store } from '../store/store.js';
import { tickAlerts, type TickOptions } from './engine.js';
import { OwnNumbers, type BrokerReading, type OwnCounters, type OwnReading } from './own-numbers.js';
import { SignalReader } from './reader.js';
import { tickSilences } from './silences.js';

/** How finely the delay of the event loop is measured (ms). */
const LOOP_RESOLUTION_MS = 20;
const NANOSECONDS = 1e6;

export interface AlertsOptions {
  readonly store: Store;
  readonly dataDir: string;
  /** SQLite's file; undefined for a server. */
  readonly databaseFile: string | undefined;
  readonly counters: () => Promise<Omit<OwnCounters, keyof BrokerReading>>;
  readonly brokerProblem: () => string | undefined;
  /** Connections that the broker ended since its start because they read nothing. */
  readonly broker: () => BrokerReading;
  readonly watcherSilence: () => OwnReading['watcherSilenceMs'];
  /** Logins of a gateway at this collector since its start. */
  readonly connects: (gateway: string) => number;
  readonly onFiring: TickOptions['onFiring'];
  readonly onResolved: TickOptions['onResolved'];
  readonly suppressions: TickOptions['suppressions'];
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** The alert engine of a running collector: one tick after the other. */
export class Alerts {
  private readonly options: AlertsOptions;
  private readonly reader: SignalReader;
  private readonly loop: IntervalHistogram;
  private ticking: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(options: AlertsOptions) {
    this.options = options;
    this.loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
    const own = new OwnNumbers({ read: () => this.readOwn(), connects: options.connects }, options.now());
    this.reader = new SignalReader({
      own,
      onError: (signals, error) =>
        options.logger.error({ err: error, signals }, 'signals could not be read; they are unknown'),
    });
  }

  /** Look at everything once. Nothing happens after {@link stop}. */
  async tick(): Promise<void> {
    if (this.stopped) return;
    this.loop.enable();
    this.ticking = this.tickOnce();
    await this.ticking;
  }

  /** Wait for the tick that is under way; none follows. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.loop.disable();
    await this.ticking.catch(() => undefined);
  }

  private async tickOnce(): Promise<void> {
    const { store, now, logger, onFiring, onResolved, suppressions } = this.options;
    await tickAlerts(store, {
      ...{ now: now(), reader: this.reader, onFiring, onResolved, suppressions },
      onError: (alert, error) => logger.error({ err: error, alert }, 'an alert could not be moved on'),
    });
    for (const silence of await tickSilences(store, now()))
      logger.info({ silence }, 'a silence ended: nothing had fitted it for a day');
  }

  private async readOwn(): Promise<OwnReading> {
    const { dataDir, databaseFile, counters, brokerProblem, broker, watcherSilence } = this.options;
    const { slowConsumers, denials, wrongLogins, inFlight } = broker();
    const { bavail, blocks } = await statfs(dataDir);
    const loopDelayMs = Math.max(0, this.loop.percentile(99) / NANOSECONDS - LOOP_RESOLUTION_MS);
    this.loop.reset();
    const wal =
      databaseFile === undefined ? undefined : statSync(`${databaseFile}-wal`, { throwIfNoEntry: false });
    return {
      ...(await counters()),
      ...{ slowConsumers, denials, wrongLogins, inFlight, watcherSilenceMs: watcherSilence() },
      ...{ brokerProblem: brokerProblem(), loopDelayMs, diskFree: bavail / blocks },
      walBytes: databaseFile === undefined ? undefined : (wal?.size ?? 0),
    };
  }
}
