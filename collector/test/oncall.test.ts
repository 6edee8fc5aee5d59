import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { contactRoutes } from '../src/oncall/contact-routes.js';
import { addContact, confirmCode, newCode, tryCode } from '../src/oncall/contacts.js';
import { gaps } from '../src/oncall/gaps.js';
import { addOverride, endOverride } from '../src/oncall/overrides.js';
import { purgeOncall, rebuildAllSpans, rebuildSpans } from '../src/oncall/spans.js';
import { escalationOf, firstReachable, onCallAt } from '../src/oncall/targets.js';
import { saveSchedule, saveTeam } from '../src/oncall/teams.js';
import type { Rotation } from '../src/schema/oncall.js';
import { inTransaction, openStore, type Store } from '../src/store/store.js';
import { TestPostgres } from './_util/postgres.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-03-02T12:00Z');
const MINUTE = 60_000;
const L1 = { team: 'ops', level: 1 } as const;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

const daily = (members: string[], change: Partial<Rotation> = {}): Rotation => ({
  ...{ kind: 'days', length: 1, start: '2026-03-01T09:00', members, hours: null },
  ...change,
});

describe.each(['SQLite', 'PostgreSQL'] as const)('on %s', (kind) => {
  /** A team of three of whom An and Binh take turns at level 1 at 09:00 in Ho Chi Minh City. */
  async function withTeam(rotations = [daily(['an', 'binh'])]): Promise<Store> {
    const folder = mkdtempSync(join(tmpdir(), 'headcount-oncall-'));
    const store = await openStore(kind === 'SQLite' ? join(folder, 'x.sqlite') : await postgres.database());
    onTestFinished(async () => {
      await store.destroy();
      rmSync(folder, { recursive: true, force: true });
    });
    const members = ['an', 'binh', 'chi'];
    for (const username of members)
      await store
        .insertInto('user')
        .values({ username, password_hash: 'x', role: 'operator', created_at: 1 })
        .execute();
    const schedule = { timeZone: 'Asia/Ho_Chi_Minh', rotations };
    await inTransaction(store, (trx) => saveTeam(trx, 'ops', { title: 'Operations', members }, NOW));
    await inTransaction(store, (trx) => saveSchedule(trx, L1, schedule, NOW));
    return store;
  }

  async function spansOf(store: Store) {
    const rows = await store.selectFrom('oncall_span').selectAll().orderBy('from_at').execute();
    for (const [index, { to_at }] of rows.entries())
      expect(rows[index + 1]?.from_at ?? to_at, 'without hole or overlap').toBe(to_at);
    return rows;
  }

  async function reach(store: Store, username: string, address = `${username}@example.com`) {
    const wanted = { kind: 'email', address, language: 'vi' } as const;
    const { id } = await addContact(store, username, wanted, NOW);
    const key = { username, id };
    const { code } = await newCode(store, key, NOW);
    const codeHash = await tryCode(store, key, NOW);
    await confirmCode(store, key, { code, codeHash, now: NOW });
    return id;
  }

  test('ninety days ahead are planned, and what was stays when the rotation changes', async () => {
    const store = await withTeam();
    const before = await spansOf(store);
    expect(before[0]).toMatchObject({ from_at: NOW, username: 'binh', override_id: null });
    expect(before.at(-1)?.to_at).toBe(NOW + 90 * DAY);
    expect(before.length).toBe(91);
    const later = NOW + 3 * DAY + 17;
    const rotations = [daily(['chi'])];
    await inTransaction(store, (trx) => saveSchedule(trx, L1, { timeZone: 'UTC', rotations }, later));
    const after = await spansOf(store);
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
    expect(after.slice(3)).toMatchObject([
      { username: 'an', from_at: before[3]?.from_at, to_at: later },
      { username: 'chi', from_at: later, to_at: later + 90 * DAY },
    ]);
    // Every night: the shift that goes on is one stretch, not one more piece.
    await rebuildAllSpans(store, later + DAY);
    expect((await spansOf(store)).at(-1)).toMatchObject({ from_at: later, to_at: later + 91 * DAY });
    expect(await purgeOncall(store, NOW + 92 * DAY)).toBe(2);
    expect((await spansOf(store)).length).toBe(after.length - 2);
  });

  test('who leaves the team or is removed is on duty no more, at once', async () => {
    const store = await withTeam();
    await store.deleteFrom('user').where('username', '=', 'binh').execute();
    const [now, next] = await spansOf(store);
    expect([now?.username, next?.username]).toEqual([null, 'an']);
    await rebuildAllSpans(store, NOW);
    expect((await spansOf(store)).map(({ username }) => username)).toEqual(['an']);
    const team = { title: 'Operations', members: ['chi'] };
    await inTransaction(store, (trx) => saveTeam(trx, 'ops', team, NOW));
    expect((await spansOf(store)).map(({ username }) => username)).toEqual([null]);
  });

  test('an override is in the spans at once, and ends now when it is taken back', async () => {
    const store = await withTeam();
    const wanted = {
      ...L1,
      from: NOW - DAY,
      to: NOW + 2 * HOUR,
      user: 'chi',
      reason: 'swap',
      replaces: null,
    };
    const by = { createdBy: 'chi', now: NOW };
    const made = await inTransaction(store, (trx) => addOverride(trx, wanted, by));
    expect(made.from).toBe(NOW);
    expect((await spansOf(store)).slice(0, 2)).toMatchObject([
      { username: 'chi', override_id: made.id, to_at: NOW + 2 * HOUR },
      { username: 'binh', override_id: null },
    ]);
    await inTransaction(store, (trx) => endOverride(trx, made, NOW + HOUR));
    expect((await spansOf(store)).slice(0, 2)).toMatchObject([
      { username: 'chi', from_at: NOW, to_at: NOW + HOUR },
      { username: 'binh', from_at: NOW + HOUR },
    ]);
    for (const [change, problem] of [
      [{ to: NOW }, /has passed/],
      [{ to: NOW + 91 * DAY }, /next 90 days/],
      [{ user: 'nobody' }, /no user "nobody"/],
      [{ replaces: 'nobody' }, /replaces: there is no user/],
      [{ level: 2 }, /no schedule for level 2/],
    ] as const)
      await expect(
        inTransaction(store, (trx) => addOverride(trx, { ...wanted, ...change }, by)),
      ).rejects.toThrow(problem);
  });

  test('two who plan the same schedule at once leave one plan', async () => {
    const store = await withTeam();
    await Promise.all(
      [1, 2, 3, 4].map((ms) => inTransaction(store, (trx) => rebuildSpans(trx, L1, NOW + ms))),
    );
    expect((await spansOf(store)).length).toBe(91);
  });

  test('the database refuses spans that overlap, another address, and an unverified contact as a target', async () => {
    const store = await withTeam([]);
    const [span] = await spansOf(store);
    if (span === undefined) throw new Error('a gap expected');
    const row = { ...span, from_at: span.from_at + 1, to_at: span.to_at + 1 };
    await expect(store.insertInto('oncall_span').values(row).execute()).rejects.toThrow(/must not overlap/);
    const after = { ...span, from_at: span.to_at, to_at: span.to_at + 1 };
    await store.insertInto('oncall_span').values(after).execute();
    const stretch = store.updateTable('oncall_span').set({ to_at: span.to_at + 1 });
    await expect(stretch.where('from_at', '=', span.from_at).execute()).rejects.toThrow(/must not overlap/);
    await expect(
      store
        .insertInto('oncall_span')
        .values({ ...span, from_at: 5, to_at: 5 })
        .execute(),
    ).rejects.toThrow();
    const wanted = { kind: 'sms', address: '+84901234567', language: 'en' } as const;
    const { id } = await addContact(store, 'an', wanted, NOW);
    const contact = () => store.updateTable('user_contact').where('id', '=', id);
    await expect(contact().set({ address: '+84901234568' }).execute()).rejects.toThrow(/another contact/);
    await expect(contact().set({ verified: 1 }).execute()).rejects.toThrow(/user_contact_proof/);
    await sql`CREATE TABLE page (contact text, verified integer CHECK (verified = 1),
      FOREIGN KEY (contact, verified) REFERENCES user_contact (id, verified))`.execute(store);
    const page = () => sql`INSERT INTO page VALUES (${id}, 1)`.execute(store);
    await expect(page()).rejects.toThrow(/foreign key/i);
    await contact().set({ verified: 1, verified_at: NOW }).execute();
    await page();
  });

  test('a code is good for fifteen minutes and five tries, and the next one after a minute', async () => {
    const store = await withTeam();
    const wanted = { kind: 'voice', address: '+84901234567', language: 'vi' } as const;
    const { id } = await addContact(store, 'an', wanted, NOW);
    const key = { username: 'an', id };
    await expect(addContact(store, 'an', wanted, NOW)).rejects.toThrow(/already/);
    await expect(tryCode(store, key, NOW)).rejects.toThrow(/none is out/);
    await expect(newCode(store, { ...key, username: 'binh' }, NOW)).rejects.toThrow(/no such contact/);
    const first = await newCode(store, key, NOW);
    expect(first.code).toMatch(/^\d{6}$/);
    expect(first.contact).toEqual({ id, ...wanted });
    const stored = await store.selectFrom('user_contact').selectAll().execute();
    expect(JSON.stringify(stored)).not.toContain(first.code);
    await expect(newCode(store, key, NOW + MINUTE - 1)).rejects.toThrow(/less than a minute/);
    await expect(tryCode(store, key, NOW + 15 * MINUTE)).rejects.toThrow(/15 minutes/);
    for (let wrong = 0; wrong < 5; wrong++) {
      const proof = { code: 'nothing', codeHash: await tryCode(store, key, NOW), now: NOW };
      await expect(confirmCode(store, key, proof)).rejects.toThrow(/is wrong/);
    }
    await expect(tryCode(store, key, NOW)).rejects.toThrow(/five times/);
    const second = await newCode(store, key, NOW + MINUTE);
    const codeHash = await tryCode(store, key, NOW + MINUTE);
    const proof = { code: second.code, codeHash, now: NOW + MINUTE };
    expect(await confirmCode(store, key, proof)).toMatchObject({ verifiedAt: NOW + MINUTE });
    await expect(newCode(store, key, NOW + DAY)).rejects.toThrow(/verified already/);
  });

  test('a code goes to the contact that asked for it, and what the channel has taken is good', async () => {
    const store = await withTeam();
    const wanted = { kind: 'sms', address: '+84901234567', language: 'vi' } as const;
    const { id } = await addContact(store, 'an', wanted, NOW);
    const sent: unknown[] = [];
    const app = Fastify().setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
    app.decorateRequest('username', '');
    app.addHook('onRequest', async (request) => {
      Object.assign(request, { username: 'an' });
      return Promise.resolve();
    });
    contactRoutes(app, {
      ...{ store, now: () => NOW },
      sendCode: async (contact, code) => {
        sent.push(contact, code);
        return Promise.resolve(undefined);
      },
    });
    const post = async (what: string, payload?: object) =>
      (
        await app.inject({
          method: 'POST',
          url: `/api/v1/account/contacts/${id}/${what}`,
          ...(payload && { payload }),
        })
      ).statusCode;
    expect(await post('code')).toBe(204);
    expect(sent).toEqual([{ id, ...wanted }, expect.stringMatching(/^\d{6}$/)]);
    expect(await post('code')).toBe(429);
    expect(await post('verification', { code: sent[1] })).toBe(200);
    expect(await onCallAt(store, { level: 1, at: NOW + DAY })).toMatchObject([
      { user: 'an', contacts: [{ id }] },
    ]);
  });

  test('only who can be reached is paged, and a level without anybody is skipped at once', async () => {
    const store = await withTeam();
    const schedule = { timeZone: 'UTC', rotations: [daily(['chi'])] };
    await inTransaction(store, (trx) => saveSchedule(trx, { team: 'ops', level: 3 }, schedule, NOW));
    const at = { team: 'ops', at: NOW };
    expect(await onCallAt(store, { ...at, level: 1 })).toEqual([]);
    const unverified = { kind: 'sms', address: '+84901234567', language: 'en' } as const;
    await addContact(store, 'binh', unverified, NOW);
    expect(await onCallAt(store, { ...at, level: 1 })).toEqual([]);
    const steps = await escalationOf(store, 'critical');
    expect(await firstReachable(store, steps, { ...at, from: 0 })).toBeUndefined();
    const chi = await reach(store, 'chi');
    expect(await firstReachable(store, steps, { ...at, from: 0 })).toMatchObject({
      ...{ step: 3, level: 3, skipped: [1, 2] },
      people: [{ user: 'chi', contacts: [{ id: chi, kind: 'email', language: 'vi' }] }],
    });
    const binh = await reach(store, 'binh');
    const contact = { id: binh, kind: 'email', address: 'binh@example.com', language: 'vi' };
    expect(await onCallAt(store, { ...at, level: 1 })).toEqual([{ user: 'binh', contacts: [contact] }]);
    expect(await onCallAt(store, { level: 1, at: NOW })).toHaveLength(1);
    expect(await onCallAt(store, { team: 'other', level: 1, at: NOW })).toEqual([]);
    expect(await onCallAt(store, { ...at, level: 1, at: NOW + 91 * DAY })).toEqual([]);
    expect(await firstReachable(store, steps, { ...at, from: 0 })).toMatchObject({ step: 0, skipped: [] });
    const turnOff = store.updateTable('user_contact').set({ disabled_reason: 'bounced' });
    await turnOff.where('id', '=', binh).execute();
    expect(await onCallAt(store, { ...at, level: 1 })).toEqual([]);
    await store.updateTable('user').set({ disabled_at: 1 }).where('username', '=', 'chi').execute();
    expect(await onCallAt(store, { ...at, level: 3 })).toEqual([]);
  });

  test('the ladders are those of the specification', async () => {
    const store = await withTeam();
    const minutes = async (severity: 'critical' | 'high' | 'medium' | 'low') =>
      (await escalationOf(store, severity)).map(
        ({ level, offsetMs, repeat }) => `L${level}${repeat ? ' again' : ''} ${offsetMs / MINUTE}`,
      );
    expect(await minutes('critical')).toEqual(['L1 0', 'L1 again 2', 'L2 5', 'L3 10', 'L4 15']);
    expect(await minutes('high')).toEqual(['L1 0', 'L1 again 10', 'L2 20', 'L3 40', 'L4 60']);
    expect(await minutes('medium')).toEqual(['L1 0', 'L2 120', 'L3 210', 'L4 240']);
    expect(await minutes('low')).toEqual(['L1 0', 'L2 1200', 'L4 1440']);
  });

  test('gaps name stretches without anybody, and what is wrong with who is on duty', async () => {
    const hours = { mon: '09:00-24:00', tue: '00:00-24:00' };
    const store = await withTeam([daily(['an', 'binh'], { hours })]);
    const range = { from: NOW, to: NOW + 3 * DAY };
    const found = async () =>
      (await gaps(store, range)).map(({ problem, user, contact }) =>
        [problem, user, contact].join(' ').trim(),
      );
    expect(await found()).toEqual(['unreachable binh', 'unreachable an', 'uncovered']);
    expect((await gaps(store, range)).at(-1)).toMatchObject({
      ...{ team: 'ops', level: 1, to: range.to },
      from: Date.parse('2026-03-04T00:00+07:00'),
    });
    await reach(store, 'an');
    const binh = await reach(store, 'binh');
    expect(await found()).toEqual(['uncovered']);
    await addContact(store, 'an', { kind: 'sms', address: '+84901234567', language: 'en' }, NOW);
    const failing = store.updateTable('user_contact').set({ last_ok_at: NOW - 2, last_fail_at: NOW - 1 });
    await failing.where('id', '=', binh).execute();
    expect(await found()).toEqual(['failed-contact binh email', 'unverified-contact an sms', 'uncovered']);
    await store.updateTable('user').set({ disabled_at: 1 }).where('username', '=', 'binh').execute();
    expect(await found()).toEqual(['disabled-user binh', 'unverified-contact an sms', 'uncovered']);
    const end = NOW + 90 * DAY;
    expect(await gaps(store, { from: end, to: end + HOUR })).toMatchObject([
      { problem: 'uncovered', from: end, to: end + HOUR },
    ]);
  });
});
