import type { Span } from '../counts/zone.js';
import { inTransaction, type Store } from '../store/store.js';
import { addToBuckets, BUCKET_MS, bucketStart, KEPT_MS, type SloBucket } from './buckets.js';

const UPTIME = 'collector-uptime';
/** A collector that has not said for so long that it runs could not answer either (ms): three times the timer's period. */
const LATE_MS = 90_000;

/**
 * Say that the collector runs. Everything from the last time on is told good or bad, so that the newest bucket says when that
 * was, also after a restart: bad until this collector was up, good from then on, bad where it could not say so in time.
 * @param upSince when this collector was up, UTC ms; 0 where another one was running meanwhile
 */
export async function recordUptime(store: Store, upSince: number, now: number): Promise<void> {
  await inTransaction(store, async (trx) => {
    const last = await trx
      .selectFrom('slo_bucket')
      .selectAll()
      .where('slo', '=', UPTIME)
      .orderBy('bucket_at', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (last === undefined) {
      // What was before the first start is nobody's fault.
      const bucket_at = bucketStart(now);
      const nothing = { good: 0, bad: 0, maintenance: 0, unknown: now - bucket_at };
      return addToBuckets(trx, [{ slo: UPTIME, bucket_at, ...nothing }]);
    }
    const told = last.bucket_at + last.good + last.bad + last.unknown + last.maintenance;
    const from = Math.max(told, bucketStart(now - KEPT_MS));
    const up = Math.min(now, Math.max(from, upSince));
    const late = now - up > LATE_MS;
    const down = { start: from, end: late ? now : up };
    await addToBuckets(trx, uptimeBuckets(down, { start: down.end, end: now }));
  });
}

/** The buckets of time that was bad and of time after it that was good. */
function uptimeBuckets(bad: Span, good: Span): SloBucket[] {
  const buckets: SloBucket[] = [];
  const part = ({ start, end }: Span, at: number) =>
    Math.max(0, Math.min(end, at + BUCKET_MS) - Math.max(start, at));
  for (let at = bucketStart(bad.start); at < good.end; at += BUCKET_MS)
    buckets.push({
      ...{ slo: UPTIME, bucket_at: at, unknown: 0, maintenance: 0 },
      ...{ good: part(good, at), bad: part(bad, at) },
    });
  return buckets;
}
