import { AUDIT_CHECK, DATABASE_CHECK } from '../../src/alerts/sources/care.js';
import { reportHeartbeat, reportSelfCheck } from '../../src/heartbeats/heartbeats.js';
import { queueNotification, type NewNotification } from '../../src/notify/outbox.js';
import type { HeartbeatRow } from '../../src/store/tables-rules.js';
import { takeScan } from '../../src/vulnerabilities/findings.js';
import type { Driver } from './alert-drivers.js';
import type { AlertWorld } from './alert-world.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const lan = { id: 'lan-email', kind: 'email', address: 'lan@example.com', language: 'en' } as const;
const data = {
  ...{ number: 7, title: { en: 'Camera offline', vi: 'Mất camera' }, site: 'shop', since: 0 },
  ...{ timeZone: 'UTC', runbook: 'camera-offline' },
};

/** Put a page or a test page into the outbox as it was queued at an instant. @returns its id */
export async function queuePage(
  { store }: AlertWorld,
  at: number,
  changes: Partial<NewNotification> = {},
): Promise<string> {
  const page = { incident: `i${at}`, contact: lan, fallbacks: [], step: 0, loop: 0, kind: 'page' as const };
  return queueNotification(
    store,
    { ...page, severity: 'high', data, deadlineAt: at + 10 * MINUTE, ...changes },
    at,
  );
}

/** Make a page one of which nobody knows whether it came. */
export async function loseTrack({ store }: AlertWorld, id: string, at: number): Promise<void> {
  await store
    .updateTable('notification')
    .set({ state: 'unknown', attempts: 2, duplicate: 1, next_at: null, error: 'no answer' })
    .where('id', '=', id)
    .execute();
  await store
    .insertInto('notification_attempt')
    .values({ notification: id, n: 2, started_at: at, ended_at: at, outcome: 'unknown', error: 'no answer' })
    .execute();
}

/** Somebody is on duty until `hours` from now, then nobody for an hour. */
export async function planDuty({ store, now }: AlertWorld, hours: number): Promise<void> {
  const place = { team: 'ops', level: 1 as const };
  const schedule = { ...place, time_zone: 'UTC', built_to: now + 30 * DAY };
  const lan = { username: 'lan', password_hash: 'x', role: 'operator', created_at: 1 } as const;
  await store
    .insertInto('team')
    .values({ name: 'ops', title: 'Ops', created_at: 1 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await store
    .insertInto('user')
    .values(lan)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await store
    .insertInto('user_contact')
    .values({
      id: 'c',
      username: 'lan',
      kind: 'email',
      address: 'a',
      language: 'en',
      verified: 1,
      verified_at: 1,
      created_at: 1,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await store
    .insertInto('schedule')
    .values(schedule)
    .onConflict((conflict) => conflict.columns(['team', 'level']).doUpdateSet({ built_to: now + 30 * DAY }))
    .execute();
  await store.deleteFrom('oncall_span').execute();
  const gap = now + hours * HOUR;
  for (const [from_at, to_at, username] of [
    [now - HOUR, gap, 'lan'],
    [gap, gap + HOUR, null],
    [gap + HOUR, now + 30 * DAY, 'lan'],
  ] as const)
    await store
      .insertInto('oncall_span')
      .values({ ...place, from_at, to_at, username })
      .execute();
}

/** The age of the newest success at which this many runs are about to be one more. */
const missed = (kind: HeartbeatRow['kind'], { every, grace }: { every: number; grace: number }): Driver => ({
  set: async ({ store, now }, value) => {
    const row = { last_ok_at: now - (value + 1) * every - grace };
    await store
      .insertInto('heartbeat')
      .values({
        ...{ slug: kind, title: kind, kind, period_s: every / 1000, grace_s: grace / 1000, paused: 0 },
        ...{ since_at: 1, note: '', ...row },
      })
      .onConflict((conflict) => conflict.column('slug').doUpdateSet(row))
      .execute();
  },
  lose: 'heartbeat',
});

const selfCheck = (slug: string): Driver => ({
  set: ({ store, now }, value) =>
    reportSelfCheck(store, { slug, title: slug }, value === 1 ? 'page 7 is damaged' : undefined, now),
  lose: 'heartbeat',
});

const backup = missed('backup', { every: DAY, grace: 2 * HOUR });
const restore = missed('restore-check', { every: 7 * DAY, grace: DAY });

/** How to make the signals of rules 24 to 34 say a value. */
export const CARE_DRIVERS = {
  'db.corrupt': selfCheck(DATABASE_CHECK),
  'audit.broken': selfCheck(AUDIT_CHECK),
  'pages.waiting': {
    set: async (world, value) => {
      await world.store.deleteFrom('notification').execute();
      if (value > 0) await queuePage(world, world.now - 1000 * value);
    },
    lose: 'notification',
  },
  'pages.unknown': {
    set: async (world, value) => {
      const { store, now } = world;
      await store.updateTable('notification').set({ acked_at: now, acked_by: 'lan' }).execute();
      if (value > 0)
        await loseTrack(world, await queuePage(world, now - value * MINUTE), now - value * MINUTE);
    },
    lose: 'notification',
  },
  'pager-test.late': {
    set: async (world, value) => {
      const deadline = world.now - value * MINUTE;
      const contact = { ...lan, id: 'weekly email lan@example.com' };
      const id = await queuePage(world, deadline - 10 * MINUTE, { incident: null, kind: 'test', contact });
      if (value > 0) return;
      const answer = { acked_at: deadline, acked_by: 'lan' };
      await world.store.updateTable('notification').set(answer).where('id', '=', id).execute();
    },
    lose: 'notification',
  },
  'oncall.gap-in': { set: planDuty, lose: 'oncall_span' },
  'backup.missed': backup,
  'restore.missed': restore,
  'restore.failed': {
    set: async (world, value) => {
      await restore.set(world, 0);
      const outcome = value === 1 ? 'failure' : 'success';
      await reportHeartbeat(world.store, 'restore-check', { outcome, note: '' }, world.now);
    },
    lose: 'heartbeat',
  },
  'procedure.missed': missed('procedure', { every: 30 * DAY, grace: 3 * DAY }),
  'vuln.overdue': {
    set: async ({ store, now }, value) => {
      const openssl = { component: 'openssl', version: '3.0.1', vulnerability: 'CVE-2026-1' };
      await takeScan(store, 'ci', [], now);
      const found = { ...openssl, severity: 'critical', kev: false, exposed: false } as const;
      await takeScan(store, 'ci', [found], now - (15 + value) * DAY);
    },
    lose: 'vuln_finding',
  },
} as const satisfies Record<string, Driver>;
