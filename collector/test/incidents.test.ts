import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { AlertRef } from '../src/alerts/rows.js';
import {
  acknowledge,
  addNote,
  changeSeverity,
  mitigate,
  regress,
  reopen,
  resolve,
  tickStep,
} from '../src/incidents/actions.js';
import { alertResolved, attachAlert } from '../src/incidents/from-alerts.js';
import { lockOpening, openIncident, readIncident, type StepsOf } from '../src/incidents/incidents.js';
import { merge, unmerge } from '../src/incidents/merge.js';
import { ensureReview, moveReview, writeReview } from '../src/incidents/reviews.js';
import { tickIncidents } from '../src/incidents/tick.js';
import { isWhole, readTimeline, type By } from '../src/incidents/timeline.js';
import { waitingTimers } from '../src/incidents/timers.js';
import {
  INCIDENT_STATUSES,
  SEVERITIES,
  type IncidentStatus,
  type Severity,
} from '../src/schema/incident-words.js';
import { ProblemError } from '../src/schema/problem.js';
import { inTransaction, openStore, type Queryable, type Store } from '../src/store/store.js';
import { TestPostgres } from './_util/postgres.js';

const NO_STEPS: StepsOf = () => [];
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-03-05T10:00Z');
const LAN: By = { actor: 'lan', channel: 'console' };
const MINH: By = { actor: 'minh', channel: 'email' };

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

async function open(kind: 'SQLite' | 'PostgreSQL'): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-incidents-'));
  const store = await openStore(kind === 'SQLite' ? join(folder, 'x.sqlite') : await postgres.database());
  onTestFinished(async () => {
    await store.destroy();
    rmSync(folder, { recursive: true, force: true });
  });
  return store;
}

const alert = (id: string, change: Partial<AlertRef> = {}): AlertRef => ({
  ...{ id, ruleSlug: 'camera-offline', severity: 'high', groupKey: 'site:shop', firedAt: START },
  asset: { kind: 'camera' as const, path: 'shop/lobby/door', name: 'Door' },
  title: { en: 'Camera Door is offline', vi: 'Camera Door mất kết nối' },
  ...{ suppressedBy: [], runbook: 'camera-offline' },
  ...change,
});
const GATEWAY = {
  asset: { kind: 'gateway' as const, path: 'shop/lobby', name: 'lobby' },
  title: { en: 'Gateway lobby is offline', vi: 'Gateway lobby mất kết nối' },
};

/** Everything in a transaction of its own, as the stages do it. */
function desk(store: Store) {
  const within = <T>(work: (trx: Queryable) => Promise<T>) => inTransaction(store, work);
  const attach = (one: AlertRef, now: number) => within((trx) => attachAlert(trx, one, now, NO_STEPS));
  const by = (who: By, now: number) => ({ by: who, now });
  return {
    ...{ within, attach },
    calm: (id: string, now: number) => within((trx) => alertResolved(trx, id, now)),
    ack: (id: string, now: number, who = LAN) => within((trx) => acknowledge(trx, id, by(who, now))),
    note: (id: string, now: number) => within((trx) => addNote(trx, id, 'looking', by(LAN, now))),
    mitigate: (id: string, now: number) => within((trx) => mitigate(trx, id, 'spare camera', by(LAN, now))),
    regress: (id: string, now: number) => within((trx) => regress(trx, id, 'dark again', by(LAN, now))),
    resolve: (id: string, now: number) => within((trx) => resolve(trx, id, 'cable plugged in', by(LAN, now))),
    reopen: (id: string, now: number) =>
      within((trx) => reopen(trx, id, 'still dark', { ...by(LAN, now), stepsOf: NO_STEPS })),
    severity: (id: string, severity: Severity, now: number, reason = 'looks so') =>
      within((trx) => changeSeverity(trx, id, { severity, reason }, by(LAN, now))),
    merge: (child: string, parent: string, now: number) =>
      within((trx) => merge(trx, child, parent, by(LAN, now))),
    unmerge: (child: string, now: number) => within((trx) => unmerge(trx, child, by(LAN, now))),
    manual: (now: number, severity: Severity = 'high') =>
      within(async (trx) => {
        await lockOpening(trx);
        const title = { en: 'Door stuck', vi: 'Cửa kẹt' };
        const incident = { groupKey: null, title, severity, asset: null, since: now, runbook: '' };
        return openIncident(trx, incident, { by: LAN, stepsOf: NO_STEPS }, now);
      }),
    due: async (now: number) =>
      (await tickIncidents(store, now)).map(
        ({ kind, incident, severity }) => `${incident} ${severity} ${kind}`,
      ),
    timers: async (id: string) =>
      Object.fromEntries((await waitingTimers(store, id)).map((one) => [one.kind, one.due_at - START])),
    status: async (id: string) => (await readIncident(store, id)).status,
    kinds: async (id: string) => (await readTimeline(store, id)).map(({ kind }) => kind),
  };
}

describe.each(['SQLite', 'PostgreSQL'] as const)('incidents on %s', (kind) => {
  test('alerts of a group join one incident, named by the root-most asset, as bad as the worst', async () => {
    const store = await open(kind);
    const { attach, timers, kinds } = desk(store);
    expect(await attach(alert('a', { severity: 'low' }), START)).toBeNull();
    expect(await attach(alert('a', { suppressedBy: ['maintenance'] }), START)).toBeNull();
    const both = await Promise.all([attach(alert('a'), START), attach(alert('b'), START)]);
    expect(both.map((one) => one?.incident)).toEqual(['INC-1', 'INC-1']);
    expect(both.map((one) => one?.opened).sort()).toEqual([false, true]);
    expect(await attach(alert('a'), START + 1)).toEqual({ incident: 'INC-1', opened: false });
    expect(await timers('INC-1')).toEqual({ ack_due: HOUR, escalate: MINUTE / 2, update_due: 2 * HOUR });
    await attach(
      alert('g', { ...GATEWAY, severity: 'critical', firedAt: START - MINUTE }),
      START + 10 * MINUTE,
    );
    expect(await readIncident(store, 'INC-1')).toMatchObject({
      ...{ title_en: 'Gateway lobby is offline', severity: 'critical', asset_path: 'shop/lobby' },
      ...{ since_at: START - MINUTE, started_at: START, time_zone: 'UTC' },
    });
    expect(await timers('INC-1')).toEqual({
      ...{ ack_due: 15 * MINUTE, escalate: MINUTE / 2, update_due: 40 * MINUTE },
    });
    expect(await attach(alert('x', { groupKey: 'site:other' }), START)).toEqual({
      incident: 'INC-2',
      opened: true,
    });
    expect(await kinds('INC-1')).toEqual(['opened', ...Array<string>(3).fill('alert-joined'), 'severity']);
  });

  test('the way of an incident: targets, lease, note, mitigation, resolution, closing, and every timer once', async () => {
    const store = await open(kind);
    const { attach, ack, note, mitigate, regress, resolve, due, timers, status, kinds } = desk(store);
    await attach(alert('a', { severity: 'critical' }), START);
    expect(await due(START + 15 * MINUTE - 1)).toEqual([]);
    const twice = await Promise.all([due(START + 15 * MINUTE), due(START + 15 * MINUTE)]);
    expect(twice.flat()).toEqual(['INC-1 critical ack_due']);
    // Escalation is left to its own stage.
    expect(await timers('INC-1')).toEqual({ escalate: MINUTE / 2, update_due: 30 * MINUTE });
    await ack('INC-1', START + 20 * MINUTE);
    await expect(ack('INC-1', START + 21 * MINUTE, MINH)).rejects.toThrow('acknowledged already, by lan');
    expect(await timers('INC-1')).toEqual({
      ...{ ack_lease: 50 * MINUTE, update_due: 50 * MINUTE, resolve_due: 4 * HOUR },
    });
    await note('INC-1', START + 45 * MINUTE);
    expect(await due(START + 74 * MINUTE)).toEqual([]);
    expect((await due(START + 75 * MINUTE)).sort()).toEqual([
      'INC-1 critical ack_lease',
      'INC-1 critical update_due',
    ]);
    expect(await readIncident(store, 'INC-1')).toMatchObject({ status: 'triggered', holder: null });
    expect(await timers('INC-1')).toMatchObject({ ack_due: 90 * MINUTE, escalate: 75 * MINUTE });
    await ack('INC-1', START + 80 * MINUTE, MINH);
    expect(await readIncident(store, 'INC-1')).toMatchObject({
      holder: 'minh',
      acked_at: START + 20 * MINUTE,
    });
    await mitigate('INC-1', START + 90 * MINUTE);
    expect(await timers('INC-1')).toEqual({ update_due: 150 * MINUTE, resolve_due: 4 * HOUR });
    await regress('INC-1', START + 95 * MINUTE);
    await ack('INC-1', START + 96 * MINUTE);
    expect(await due(START + 4 * HOUR)).toContain('INC-1 critical resolve_due');
    expect(await status('INC-1')).toBe('triggered');
    await ack('INC-1', START + 4 * HOUR);
    // The missed target is not missed a second time.
    expect(await timers('INC-1')).not.toHaveProperty('resolve_due');
    await resolve('INC-1', START + 5 * HOUR);
    expect(await timers('INC-1')).toEqual({ review_due: 5 * HOUR + 3 * DAY });
    expect(await due(START + 5 * HOUR + 3 * DAY)).toEqual(['INC-1 critical review_due']);
    expect(await status('INC-1')).toBe('resolved');
    expect(await kinds('INC-1')).toContain('lease-expired');
    expect(await due(START + 100 * DAY)).toEqual([]);
  });

  test('resolves by itself when all alerts are and stay resolved; goes on within 30 min, begins anew later', async () => {
    const store = await open(kind);
    const { attach, calm, due, timers, status, reopen } = desk(store);
    await attach(alert('a', { severity: 'medium' }), START);
    await attach(alert('b', { severity: 'medium' }), START);
    await calm('a', START + MINUTE);
    await calm('nobody', START + MINUTE);
    expect(await timers('INC-1')).not.toHaveProperty('auto_resolve');
    await calm('b', START + 2 * MINUTE);
    await calm('b', START + 5 * MINUTE);
    expect(await timers('INC-1')).toMatchObject({ auto_resolve: 17 * MINUTE });
    await attach(alert('c', { severity: 'medium' }), START + 10 * MINUTE);
    expect(await timers('INC-1')).not.toHaveProperty('auto_resolve');
    await calm('c', START + 20 * MINUTE);
    expect(await due(START + 35 * MINUTE)).toEqual(['INC-1 medium auto_resolve']);
    expect(await status('INC-1')).toBe('resolved');
    // Back within half an hour: the same number.
    expect(await attach(alert('d', { severity: 'medium' }), START + 65 * MINUTE)).toEqual({
      ...{ incident: 'INC-1', opened: false },
    });
    expect(await status('INC-1')).toBe('triggered');
    await calm('d', START + 66 * MINUTE);
    await due(START + 81 * MINUTE);
    expect(await attach(alert('e', { severity: 'medium' }), START + 112 * MINUTE)).toEqual({
      ...{ incident: 'INC-2', opened: true },
    });
    expect(await readIncident(store, 'INC-2')).toMatchObject({ reopen_of: 'INC-1' });
    // A person cannot have a second open one of the group either.
    await expect(reopen('INC-1', START + 113 * MINUTE)).rejects.toThrow('go to INC-2 by now');
    expect(await due(START + 81 * MINUTE + 3 * DAY)).toContain('INC-1 medium auto_close');
    expect(await status('INC-1')).toBe('closed');
    await expect(reopen('INC-1', START + 4 * DAY)).rejects.toThrow('nothing but a note is possible');
  });

  test('a person reopens: the same number within 30 min, a new one later', async () => {
    const { manual, ack, resolve, reopen } = desk(await open(kind));
    await manual(START);
    await ack('INC-1', START);
    await resolve('INC-1', START);
    expect((await reopen('INC-1', START + 30 * MINUTE)).id).toBe('INC-1');
    await ack('INC-1', START + 30 * MINUTE);
    await resolve('INC-1', START + 30 * MINUTE);
    expect(await reopen('INC-1', START + 60 * MINUTE + 1)).toMatchObject({ id: 'INC-2', reopen_of: 'INC-1' });
  });

  test('severity: up at any time with nearer timers, down with a reason and no later timers', async () => {
    const { manual, severity, timers, ack, resolve } = desk(await open(kind));
    await manual(START, 'medium');
    await severity('INC-1', 'critical', START + 5 * MINUTE);
    expect(await timers('INC-1')).toMatchObject({ ack_due: 15 * MINUTE, update_due: 35 * MINUTE });
    await expect(severity('INC-1', 'medium', START + 6 * MINUTE, '')).rejects.toThrow('reason: say why');
    await severity('INC-1', 'medium', START + 6 * MINUTE);
    expect(await timers('INC-1')).toMatchObject({ ack_due: 15 * MINUTE, update_due: 35 * MINUTE });
    await ack('INC-1', START + 7 * MINUTE);
    await resolve('INC-1', START + 8 * MINUTE);
    await expect(severity('INC-1', 'low', START + 9 * MINUTE)).rejects.toThrow('only be raised');
    await severity('INC-1', 'critical', START + 9 * MINUTE);
    expect(await timers('INC-1')).toEqual({ review_due: 8 * MINUTE + 3 * DAY });
  });

  test('merged: the parent gets the alerts and the work; unmerged within a day, the child gets them back', async () => {
    const store = await open(kind);
    const { attach, calm, merge, unmerge, ack, timers, status } = desk(store);
    await attach(alert('a'), START);
    await attach(alert('b', { groupKey: 'site:other' }), START);
    await calm('a', START);
    expect(await timers('INC-1')).toHaveProperty('auto_resolve');
    await merge('INC-2', 'INC-1', START + MINUTE);
    expect([await timers('INC-2'), await status('INC-2')]).toEqual([{}, 'merged']);
    expect(await timers('INC-1')).not.toHaveProperty('auto_resolve');
    await expect(ack('INC-2', START + MINUTE)).rejects.toThrow('merged into INC-1; acknowledge that one');
    await expect(merge('INC-1', 'INC-1', START)).rejects.toThrow('another incident');
    await attach(alert('third', { groupKey: 'third' }), START);
    await expect(merge('INC-1', 'INC-3', START)).rejects.toThrow('the other way round');
    await expect(merge('INC-3', 'INC-2', START)).rejects.toThrow('merge into an open one');
    // What comes for the child's group goes to the parent.
    expect(await attach(alert('c', { groupKey: 'site:other' }), START + 2 * MINUTE)).toMatchObject({
      incident: 'INC-1',
    });
    await calm('c', START + 3 * MINUTE);
    await unmerge('INC-2', START + DAY);
    expect(await timers('INC-2')).toEqual({
      ...{ ack_due: DAY + HOUR, escalate: DAY, update_due: DAY + 2 * HOUR },
    });
    expect(await timers('INC-1')).toHaveProperty('auto_resolve');
    await calm('b', START + DAY + MINUTE);
    expect(await timers('INC-2')).toHaveProperty('auto_resolve');
    await merge('INC-2', 'INC-1', START + DAY + MINUTE);
    await expect(unmerge('INC-2', START + 2 * DAY + 2 * MINUTE)).rejects.toThrow('more than 24 hours');
  });

  test('the database refuses what the code refuses: moves, second open incidents, changed timelines', async () => {
    const store = await open(kind);
    const { attach, ack, mitigate, resolve, manual, merge, within } = desk(store);
    await manual(START);
    const ways: Record<IncidentStatus, (id: string) => Promise<unknown>> = {
      triggered: () => Promise.resolve(),
      acknowledged: (id) => ack(id, START),
      mitigated: async (id) => [await ack(id, START), await mitigate(id, START)],
      resolved: async (id) => [await ack(id, START), await resolve(id, START)],
      closed: async (id) => {
        await ack(id, START);
        await resolve(id, START);
        await within(async (trx) => {
          await ensureReview(trx, await readIncident(trx, id), START);
          await moveReview(trx, id, { move: 'waive', reason: 'a drill' }, { by: LAN, now: START });
        });
      },
      merged: (id) => merge(id, 'INC-1', START),
    };
    const legal = new Set([
      ...['triggered acknowledged', 'triggered resolved', 'triggered merged', 'acknowledged triggered'],
      ...['acknowledged mitigated', 'acknowledged resolved', 'mitigated triggered', 'mitigated resolved'],
      ...['resolved triggered', 'resolved closed', 'merged triggered'],
    ]);
    const columns = (to: IncidentStatus) => {
      const over = to === 'resolved' || to === 'closed';
      return sql`status = ${to}, acked_at = 1, holder = 'x', mitigated_at = 1, resolved_at = ${over ? START : null},
        resolve_reason = ${over ? 'x' : null}, closed_at = ${to === 'closed' ? START : null},
        merged_into = ${to === 'merged' ? 'INC-1' : null}, merged_at = ${to === 'merged' ? START : null}`;
    };
    for (const from of INCIDENT_STATUSES) {
      for (const to of INCIDENT_STATUSES) {
        if (from === to) continue;
        // A milder one: those that need a review are below.
        const { id } = await manual(START, 'medium');
        await ways[from](id);
        const update = sql`UPDATE incident SET ${columns(to)} WHERE id = ${id}`.execute(store);
        const outcome = await update.then(
          () => 'done',
          (error: unknown) =>
            /no such move|takes notes only/.test(String(error)) ? 'refused' : String(error),
        );
        expect([from, to, outcome]).toEqual([from, to, legal.has(`${from} ${to}`) ? 'done' : 'refused']);
      }
    }
    await attach(alert('a'), START);
    const { id } = await manual(START);
    const refused = async (statement: string, why: RegExp) =>
      expect(sql.raw(statement).execute(store)).rejects.toThrow(why);
    await refused(`UPDATE incident SET group_key = 'site:shop' WHERE id = '${id}'`, /unique/i);
    await refused(`UPDATE incident SET severity = 'awful' WHERE id = '${id}'`, /check/i);
    await refused(`UPDATE incident SET status = 'resolved' WHERE id = '${id}'`, /check/i);
    await refused(`UPDATE incident SET status = 'acknowledged' WHERE id = '${id}'`, /check/i);
    await refused(`DELETE FROM incident WHERE id = '${id}'`, /incidents are kept/);
    await refused(`UPDATE incident_event SET actor = 'nobody'`, /append-only/);
    await refused('DELETE FROM incident_event', /append-only/);
    await refused(
      `INSERT INTO incident_timer (id, incident, kind, due_at) VALUES ('x', '${id}', 'ack_due', 1)`,
      /unique/i,
    );
    await refused(`UPDATE incident_timer SET fired_at = 1, cancelled_at = 1`, /check/i);
    const { id: late } = await manual(START);
    await ways.resolved(late);
    await refused(
      `UPDATE incident SET status = 'triggered', resolved_at = NULL, resolve_reason = NULL, triggered_at = ${START + HOUR} WHERE id = '${late}'`,
      /too late/,
    );
    const { id: closed } = await manual(START);
    await ways.closed(closed);
    await refused(`UPDATE incident SET severity = 'low' WHERE id = '${closed}'`, /takes notes only/);
    for (const severity of ['critical', 'high'] as const) {
      const { id: unread } = await manual(START, severity);
      await ways.resolved(unread);
      const close = `UPDATE incident SET status = 'closed', closed_at = ${START} WHERE id = '${unread}'`;
      await refused(close, /closed by its review/);
    }
    await within((trx) => addNote(trx, closed, 'for the record', { by: LAN, now: START + DAY }));
    expect(isWhole(await readTimeline(store, closed), await readIncident(store, closed))).toBe(true);
  });

  test('a checklist is copied at the start, and says who ticked what', async () => {
    const store = await open(kind);
    const { within } = desk(store);
    const steps = [{ en: 'Look at the camera', vi: 'Xem camera' }];
    await within((trx) => attachAlert(trx, alert('a'), START, () => steps));
    const tick = (position: number, done: boolean) =>
      within((trx) => tickStep(trx, 'INC-1', { position, done }, { by: LAN, now: START + 1 }));
    await tick(0, true);
    await expect(tick(1, true)).rejects.toThrow('no step 1');
    expect(await store.selectFrom('incident_step').selectAll().execute()).toMatchObject([
      { text_vi: 'Xem camera', done_at: START + 1, done_by: 'lan' },
    ]);
  });

  test('a runbook nearer to the root adds its steps once, and what was ticked stays', async () => {
    const store = await open(kind);
    const { within } = desk(store);
    const attach = (one: AlertRef) =>
      within((trx) => attachAlert(trx, one, START, (slug) => [{ en: `${slug} 1`, vi: `${slug} 1` }]));
    await attach(alert('a'));
    await within((trx) => tickStep(trx, 'INC-1', { position: 0, done: true }, { by: LAN, now: START + 1 }));
    const gateway = { ...GATEWAY, runbook: 'gateway-offline' };
    for (const one of [alert('b'), alert('g', gateway), alert('h', gateway), alert('c')]) await attach(one);
    const steps = store.selectFrom('incident_step').selectAll().orderBy('position');
    expect(await steps.execute()).toMatchObject([
      { position: 0, runbook: 'camera-offline', text_en: 'camera-offline 1', done_by: 'lan' },
      { position: 1, runbook: 'gateway-offline', text_en: 'gateway-offline 1', done_by: null },
    ]);
    expect(await readIncident(store, 'INC-1')).toMatchObject({ runbook: 'gateway-offline' });
  });

  test('a review needs its sections and a second person, and closes its incident', async () => {
    const store = await open(kind);
    const { manual, ack, resolve, status, within } = desk(store);
    await manual(START, 'critical');
    await ack('INC-1', START);
    await resolve('INC-1', START);
    const move = (what: 'submit' | 'approve' | 'close', by: By) =>
      within((trx) => moveReview(trx, 'INC-1', { move: what }, { by, now: START }));
    const written = { rootCause: 'a loose cable', contributing: 'no spare', lessons: 'fix cables' };
    for (const [section, text] of Object.entries(written)) {
      await expect(move('submit', LAN)).rejects.toThrow(`${section}: write it`);
      await within((trx) => writeReview(trx, 'INC-1', { [section]: text }, START));
    }
    await move('submit', LAN);
    await expect(move('approve', LAN)).rejects.toThrow('somebody else');
    await expect(move('close', LAN)).rejects.toThrow('possible: return, approve, waive');
    await move('approve', MINH);
    await move('close', LAN);
    expect(await status('INC-1')).toBe('closed');
  });
});

test('a tick that breaks off in the middle loses nothing: after a restart every timer fires once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-incidents-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'x.sqlite');
  const first = await openStore(file);
  for (const id of ['a', 'b']) await desk(first).attach(alert(id, { groupKey: id }), START);
  await sql`CREATE TRIGGER broken BEFORE INSERT ON incident_event WHEN NEW.incident = 'INC-2' AND NEW.kind = 'timer'
    BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`.execute(first);
  await expect(desk(first).due(START + HOUR)).rejects.toThrow('the disk is full');
  await first.destroy();
  const again = await openStore(file);
  await sql`DROP TRIGGER broken`.execute(again);
  // The one that committed before has fired; the other one was not lost.
  expect(await desk(again).due(START + HOUR + 5000)).toEqual(['INC-2 high ack_due']);
  for (const id of ['INC-1', 'INC-2'])
    expect((await desk(again).kinds(id)).filter((kind) => kind === 'timer')).toHaveLength(1);
  expect(await desk(again).due(START + HOUR + 10_000)).toEqual([]);
  await again.destroy();
});

test('whatever happens in whatever order: chains stay whole, timers single, and refusals change nothing', async () => {
  const store = await open('SQLite');
  const { due, attach, calm, ...act } = desk(store);
  const step = fc.record({
    what: fc.constantFrom(
      ...([
        'ack',
        'note',
        'mitigate',
        'regress',
        'resolve',
        'reopen',
        'merge',
        'unmerge',
        'severity',
      ] as const),
      ...(['attach', 'calm', 'wait'] as const),
    ),
    which: fc.integer({ min: 1, max: 4 }),
    minutes: fc.constantFrom(0, 1, 16, 31, 24 * 60, 73 * 60),
    severity: fc.constantFrom(...SEVERITIES),
  });
  let [now, alerts] = [START, 0];
  for (let index = 0; index < 4; index++) await act.manual(now, 'medium');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 20 }), async (steps) => {
      for (const { what, which, minutes, severity } of steps) {
        now += minutes * MINUTE;
        const id = `INC-${which}`;
        const before = await readIncident(store, id);
        const doing = {
          ...{ ack: act.ack, note: act.note, mitigate: act.mitigate, regress: act.regress },
          ...{ resolve: act.resolve, reopen: act.reopen, unmerge: act.unmerge },
          merge: (child: string, at: number) => act.merge(child, `INC-${(which % 4) + 1}`, at),
          severity: (one: string, at: number) => act.severity(one, severity, at),
          attach: (_id: string, at: number) =>
            attach(alert(`p${(alerts += 1)}`, { severity, groupKey: `g${which}` }), at),
          calm: (_id: string, at: number) => calm(`p${which}`, at),
          wait: (_id: string, at: number) => due(at),
        }[what];
        const failed = await Promise.resolve(doing(id, now)).then(
          () => false,
          (error: unknown) => {
            // Anything else is a defect, above all an error of the database.
            if (error instanceof ProblemError) return true;
            throw error;
          },
        );
        if (failed) expect(await readIncident(store, id)).toEqual(before);
      }
    }),
    { numRuns: 15 },
  );
  for (const incident of await store.selectFrom('incident').selectAll().execute()) {
    expect(isWhole(await readTimeline(store, incident.id), incident)).toBe(true);
    const waits = (await waitingTimers(store, incident.id)).map((timer) => timer.kind);
    expect(new Set(waits).size).toBe(waits.length);
    if (incident.status === 'closed' || incident.status === 'merged') expect(waits).toEqual([]);
  }
});
