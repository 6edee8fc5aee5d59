import type { OwnReading } from '../own-numbers.js';
import { burnRate, collectorPart, flag, HOUR_MS, MINUTE_MS, type Sample, type Source } from '../signal.js';

const PERIOD_MS = 5000;
/** 99.9 % of answers: this share may fail. */
const ERROR_BUDGET = 0.001;
const LATENCY_WINDOW_MS = 10 * MINUTE_MS;
/** Of slow consumers and of denials. */
const BROKER_WINDOW_MS = 10 * MINUTE_MS;
const WRITE_WINDOW_MS = 5 * MINUTE_MS;
const MEGABYTE = 1e6;

/** How the collector itself is. */
export const ownSource: Source = {
  signals: [
    ...([
      'api.burn-hour',
      'api.burn-six-hours',
      'api.latency',
      'api.slow-share',
      'collector.loop-delay',
    ] as const),
    ...(['host.disk-free', 'watcher.silence', 'db.slow-share', 'db.wal'] as const),
    ...([
      'broker.down',
      'broker.slow-consumers',
      'broker.wrong-logins',
      'broker.denials',
      'broker.in-flight',
    ] as const),
  ],
  periodMs: PERIOD_MS,
  async read(_store, now, own) {
    const reading = await own.look(now);
    const [api, broker, db] = [
      collectorPart('api', 'API'),
      collectorPart('broker', 'Broker'),
      collectorPart('db', 'Database'),
    ];
    const share = (part: number, all: number) => (all === 0 ? 0 : part / all);
    const burn = (longMs: number, shortMs: number) => {
      const [long, short] = [own.since(longMs, now), own.since(shortMs, now)];
      const failed = Math.min(share(long.failed, long.requests), share(short.failed, short.requests));
      return [{ asset: api, value: burnRate(failed, ERROR_BUDGET), samples: long.requests }];
    };
    const answers = own.since(LATENCY_WINDOW_MS, now);
    const writes = own.since(WRITE_WINDOW_MS, now);
    const samples = answers.requests;
    const lately = own.since(BROKER_WINDOW_MS, now);
    return {
      'api.burn-hour': burn(HOUR_MS, 5 * MINUTE_MS),
      'api.burn-six-hours': burn(6 * HOUR_MS, 30 * MINUTE_MS),
      'api.latency': [{ asset: api, value: 1000 * share(answers.requestSeconds, samples), samples }],
      'api.slow-share': [{ asset: api, value: 100 * share(answers.slow, samples), samples }],
      'collector.loop-delay': [{ asset: collectorPart('', 'Collector'), value: reading.loopDelayMs }],
      'broker.down': [{ asset: broker, value: flag(reading.brokerProblem !== undefined) }],
      'broker.slow-consumers': [{ asset: broker, value: lately.slowConsumers }],
      'broker.in-flight': [{ asset: broker, value: 100 * reading.inFlight }],
      'broker.denials': [{ asset: broker, value: lately.denials }],
      'broker.wrong-logins': [{ asset: broker, value: reading.wrongLogins }],
      'watcher.silence': watcherOf(reading),
      'db.slow-share': [
        { asset: db, value: 100 * share(writes.slowWrites, writes.writes), samples: writes.writes },
      ],
      'db.wal': reading.walBytes === undefined ? [] : [{ asset: db, value: reading.walBytes / MEGABYTE }],
      'host.disk-free': [{ asset: collectorPart('', 'Collector'), value: 100 * reading.diskFree }],
    };
  },
};

/** A collector that is dead cannot say so; one whose pings do not arrive can, by another way than the watcher. */
function watcherOf({ watcherSilenceMs: silence }: OwnReading): Sample[] {
  if (silence === undefined) return [];
  const asset = collectorPart('watcher', 'Watcher');
  return [{ asset, value: silence === 'unknown' ? silence : silence / 1000 }];
}
