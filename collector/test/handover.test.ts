/** What whoever comes on duty is told, and what a schedule would do before it is saved, on both databases. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { acknowledge, addNote, resolve } from '../src/incidents/actions.js';
import { lockOpening, openIncident } from '../src/incidents/incidents.js';
import { merge } from '../src/incidents/merge.js';
import type { By } from '../src/incidents/timeline.js';
import { queueNotification } from '../src/notify/queue.js';
import { handoverOf } from '../src/oncall/handover.js';
import { previewSchedule } from '../src/oncall/preview.js';
import { rebuildSpans } from '../src/oncall/spans.js';
import { saveSchedule, saveTeam } from '../src/oncall/teams.js';
import type { NewSchedule, Rotation } from '../src/schema/oncall.js';
import { inTransaction, openStore, type Queryable, type Store } from '../src/store/store.js';
import { TestPostgres } from './_util/postgres.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** 09:00 in Ho Chi Minh City: a hand-off. */
const START = Date.parse('2026-03-02T02:00Z');
const L1 = { team: 'ops', level: 1 } as const;
const AN: By = { actor: 'an', channel: 'console' };

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

const daily = (change: Partial<Rotation> = {}): Rotation => ({
  ...{ kind: 'days', length: 1, start: '2026-03-02T09:00', members: ['an', 'binh'], hours: null },
  ...change,
});
const schedule = (...rotations: Rotation[]): NewSchedule => ({ timeZone: 'Asia/Ho_Chi_Minh', rotations });

describe.each(['SQLite', 'PostgreSQL'] as const)('on %s', (kind) => {
  async function withTeam(): Promise<Store> {
    const folder = mkdtempSync(join(tmpdir(), 'headcount-handover-'));
    const store = await openStore(kind === 'SQLite' ? join(folder, 'x.sqlite') : await postgres.database());
    onTestFinished(async () => {
      await store.destroy();
      rmSync(folder, { recursive: true, force: true });
    });
    for (const username of ['an', 'binh', 'chi'])
      await store
        .insertInto('user')
        .values({ username, password_hash: 'x', role: 'operator', created_at: 1 })
        .execute();
    const team = { title: 'Operations', members: ['an', 'binh'] };
    await inTransaction(store, (trx) => saveTeam(trx, 'ops', team, START));
    await inTransaction(store, (trx) => saveSchedule(trx, L1, schedule(daily()), START));
    return store;
  }

  async function open(trx: Queryable, title: string, now: number): Promise<string> {
    await lockOpening(trx);
    const wanted = { title: { en: title, vi: title }, severity: 'high' as const, since: now };
    const rest = { groupKey: null, asset: null, runbook: '' };
    const { id } = await openIncident(trx, { ...wanted, ...rest }, { by: AN, stepsOf: () => [] }, now);
    return id;
  }

  test('the hand-over tells what is open, what happened in the last shifts, and the notes', async () => {
    const store = await withTeam();
    const run = <T>(work: (trx: Queryable) => Promise<T>) => inTransaction(store, work);
    const shift = START + DAY;
    const old = await run((trx) => open(trx, 'Before', START + HOUR));
    await run((trx) => acknowledge(trx, old, { by: AN, now: START + 2 * HOUR }));
    const over = await run((trx) => open(trx, 'Over', START + 3 * HOUR));
    const merged = await run((trx) => open(trx, 'The same', START + 4 * HOUR));
    await run((trx) => merge(trx, merged, over, { by: AN, now: START + 4 * HOUR }));
    await run((trx) => acknowledge(trx, over, { by: AN, now: START + 5 * HOUR }));
    // One millisecond before the hand-off is the last shift, the hand-off itself the new one.
    await run((trx) => resolve(trx, over, 'cleaned', { by: AN, now: shift - 1 }));
    await run((trx) => addNote(trx, old, 'The cable is on its way.', { by: AN, now: shift - HOUR }));
    await run((trx) => addNote(trx, old, 'It arrives on Friday.', { by: AN, now: shift - 1 }));
    const fresh = await run((trx) => open(trx, 'New', shift));
    const note = { ...L1, author: 'an', text: 'The lobby is being painted.' };
    for (const [id, at] of [
      ['new', shift - HOUR],
      ['old', shift - 7 * DAY],
    ] as const)
      await store
        .insertInto('handover_note')
        .values({ id, at, ...note })
        .execute();
    const handover = await handoverOf(store, L1, shift + HOUR);
    expect(handover.open).toMatchObject([
      { id: fresh, status: 'triggered', holder: null, note: null },
      {
        id: old,
        status: 'acknowledged',
        holder: 'an',
        note: { author: 'an', text: 'It arrives on Friday.' },
      },
    ]);
    expect(handover.openTotal).toBe(2);
    expect(handover.notes).toEqual([{ author: 'an', at: shift - HOUR, text: note.text }]);
    expect(handover.shifts).toMatchObject([
      { user: 'binh', from: shift, to: null, opened: 1, acknowledged: 0, resolved: 0, pages: 0 },
      { user: 'an', from: START, to: shift, opened: 2, acknowledged: 2, resolved: 1, pages: 0 },
    ]);
    expect(handover.shifts[1]?.incidents).toMatchObject([
      { id: over, opened: true, acknowledged: true, resolved: true },
      { id: old, opened: true, acknowledged: true, resolved: false },
    ]);
    await expect(handoverOf(store, { team: 'ops', level: 2 }, shift)).rejects.toThrow('has no schedule');
  });

  test('pages count when they were sent; tests and what waits are none', async () => {
    const store = await withTeam();
    const contact = { id: 'c', kind: 'email', address: 'an@example.com', language: 'en' } as const;
    const text = { en: 'x', vi: 'x' };
    const data = { number: 1, title: text, site: null, since: START, timeZone: 'UTC', runbook: '', text };
    for (const [step, kind, sentAt] of [
      [0, 'page', START + HOUR],
      [1, 'page', null],
      [2, 'test', START + HOUR],
      [3, 'page', START - 1],
    ] as const) {
      const message = { incident: null, contact, fallbacks: [], step, loop: 0, kind, data };
      await queueNotification(store, { ...message, severity: 'high', deadlineAt: START + DAY }, START);
      const state = sentAt === null ? 'queued' : 'sent';
      await store
        .updateTable('notification')
        .set({ state, sent_at: sentAt, ...(state === 'sent' && { next_at: null, attempts: 1 }) })
        .where('step', '=', step)
        .execute();
    }
    const { shifts } = await handoverOf(store, L1, START + 2 * HOUR);
    expect(shifts.map(({ pages }) => pages)).toEqual([1]);
  });

  test('back to the last shift of a person, over a night without anybody', async () => {
    const store = await withTeam();
    const day = '09:00-17:00';
    const hours = { mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day };
    await inTransaction(store, (trx) => saveSchedule(trx, L1, schedule(daily({ hours })), START));
    const { shifts } = await handoverOf(store, L1, START + DAY + HOUR);
    expect(shifts.map(({ user, from, to }) => [user, from, to])).toEqual([
      ['binh', START + DAY, null],
      [null, START + 8 * HOUR, START + DAY],
      ['an', START, START + 8 * HOUR],
    ]);
    // A plan that is made anew in the middle of a shift is no new shift.
    await inTransaction(store, (trx) => rebuildSpans(trx, L1, START + DAY + HOUR));
    expect((await handoverOf(store, L1, START + DAY + HOUR)).shifts).toEqual(shifts);
  });

  test('a preview says who would be on duty, where nobody is and why, and changes nothing', async () => {
    const store = await withTeam();
    const spans = () => store.selectFrom('oncall_span').selectAll().orderBy('from_at').execute();
    const before = await spans();
    const later = daily({ start: '2026-03-03T09:00', hours: { tue: '09:00-17:00' } });
    const preview = await previewSchedule(store, L1, schedule(later), START);
    expect(preview.duties.slice(0, 3)).toEqual([
      { from: START, to: START + DAY, user: null, override: null, gap: 'not-begun' },
      { from: START + DAY, to: START + DAY + 8 * HOUR, user: 'an', override: null, gap: null },
      expect.objectContaining({ from: START + DAY + 8 * HOUR, user: null, gap: 'out-of-hours' }),
    ]);
    expect(preview.duties.at(-1)?.to).toBe(START + 14 * DAY);
    expect(preview.problems).toMatchObject([{ problem: 'unreachable', user: 'an', level: 1 }, {}]);
    const none = await previewSchedule(store, { team: 'ops', level: 3 }, schedule(), START);
    expect(none.duties).toMatchObject([{ user: null, gap: 'no-rotation' }]);
    await expect(previewSchedule(store, L1, schedule(daily({ members: ['chi'] })), START)).rejects.toThrow(
      'rotations.0.members: "chi" is not in the team "ops"',
    );
    expect(await spans()).toEqual(before);
  });
});
