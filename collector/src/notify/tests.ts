import type { NotifyConfig } from '../config/notify.js';
import { bucketAt, instantOfDay, wallDay } from '../counts/zone.js';
import type { Contact } from '../oncall/targets.js';
import type { Queryable, Store } from '../store/store.js';
import { queueNotification } from './queue.js';

/** A test that could not be sent for so long says enough (ms). */
const TEST_MS = 10 * 60_000;
/** Minutes after the midnight that begins Monday. */
const WEEKLY_MINUTES = 10 * 60;
/** A weekly test that was missed is made up for within so long (ms). */
const LATE_MS = 12 * 3_600_000;

/** Queue a test page for a contact. @param now UTC ms @returns its id */
export async function queueTest(
  db: Queryable,
  contact: Contact,
  { timeZone, now }: { timeZone: string; now: number },
): Promise<string> {
  return queueNotification(
    db,
    {
      ...{ incident: null, contact, fallbacks: [], step: 0, loop: 0, kind: 'test', severity: 'high' },
      data: {
        ...{ number: null, site: null, since: now, timeZone, runbook: 'pager-test' },
        title: { en: 'Headcount pages you', vi: 'Headcount gọi bạn' },
      },
      deadlineAt: now + TEST_MS,
    },
    now,
  );
}

/**
 * Queue the weekly test pages once their time has come: Monday at 10:00 on the wall clock. Called often; the time of the week is
 * part of a test's identity, so that each is queued once, also by a collector that was down at ten.
 */
export async function queueWeeklyTests(
  store: Store,
  { weeklyTest, timeZone }: { weeklyTest: NotifyConfig['weeklyTest']; timeZone: string },
  now: number,
): Promise<void> {
  const monday = bucketAt(timeZone, 'week', now).start;
  const due = instantOfDay(timeZone, wallDay(timeZone, monday), WEEKLY_MINUTES);
  if (now < due || now > due + LATE_MS) return;
  for (const { kind, address, language } of weeklyTest)
    await queueTest(
      store,
      { id: `weekly ${kind} ${address}`, kind, address, language },
      { timeZone, now: due },
    );
}
