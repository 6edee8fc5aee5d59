import { purgeSilences } from './alerts/silences.js';
import type { CollectorConfig } from './config/config.js';
import { purgeLateQuarters } from './counts/late-quarters.js';
import { purgeCounts } from './counts/retention.js';
import { purgeDrills } from './drill/records.js';
import { purgeEnrolments } from './fleet/certificates.js';
import { purgeHostSamples } from './fleet/fleet.js';
import { purgeDeadLetters } from './ingest/dead-letters.js';
import { purgeNotifications } from './notify/purge.js';
import { purgeOncall } from './oncall/spans.js';
import { purgeSessions } from './security/sessions.js';
import { purgeBuckets } from './slo/buckets.js';
import type { Store } from './store/store.js';

const DAY_MS = 24 * 3_600_000;
/** As long as messages are kept: a year can be compared with the one before it (days). */
const ENDED_DAYS = 400;

/** Forget what is older than it is to be kept. @param now UTC ms @returns rows that went, by kind */
export async function purgeAll(
  store: Store,
  retention: CollectorConfig['retention'],
  now: number,
): Promise<Record<string, number>> {
  const { minuteDays, quarterDays, eventDays, hostDays, deadLetterDays } = retention;
  const before = (days: number) => now - days * DAY_MS;
  const keep = { minutes: before(minuteDays), quarters: before(quarterDays), events: before(eventDays) };
  return {
    sessions: await purgeSessions(store, now),
    letters: await purgeDeadLetters(store, before(deadLetterDays)),
    hostSamples: await purgeHostSamples(store, before(hostDays)),
    enrolments: await purgeEnrolments(store, now),
    ...(await purgeCounts(store, keep)),
    lateQuarters: await purgeLateQuarters(store, now),
    sloBuckets: await purgeBuckets(store, now),
    oncall: await purgeOncall(store, now),
    notifications: await purgeNotifications(store, now),
    silences: await purgeSilences(store, before(ENDED_DAYS)),
    drills: await purgeDrills(store, before(ENDED_DAYS)),
  };
}
