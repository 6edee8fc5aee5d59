import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { tickEscalation, type PageRequest } from '../src/escalation/escalation.js';
import { acknowledge, changeSeverity } from '../src/incidents/actions.js';
import { attachAlert } from '../src/incidents/from-alerts.js';
import { tickIncidents } from '../src/incidents/tick.js';
import { readTimeline, type By } from '../src/incidents/timeline.js';
import { addContact, confirmCode, newCode, tryCode } from '../src/oncall/contacts.js';
import { saveSchedule, saveTeam } from '../src/oncall/teams.js';
import type { Severity } from '../src/schema/incident-words.js';
import { inTransaction, openStore, type Store } from '../src/store/store.js';
import { TestPostgres } from './_util/postgres.js';

const MINUTE = 60_000;
const START = Date.parse('2026-03-05T10:00Z');
const AN: By = { actor: 'an', channel: 'console' };

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

describe.each(['SQLite', 'PostgreSQL'] as const)('on %s', (kind) => {
  const pages: string[] = [];
  /** Minutes after the start, with who was paged then. */
  const tickAt = async (store: Store, minutes: number) => {
    pages.length = 0;
    const at = START + minutes * MINUTE;
    await tickIncidents(store, at);
    const page = ({ person, step, loop }: PageRequest) => {
      pages.push(`${person.user} ${person.contacts[0]?.address ?? ''} step ${step} loop ${loop}`);
      return Promise.resolve();
    };
    expect(await tickEscalation(store, at, (_trx, request) => page(request))).toBe(pages.length);
    return [...pages];
  };

  /** A team in which each level has the person that is named for it; `silent` ones have no contact. */
  async function withLevels(people: Partial<Record<1 | 2 | 3 | 4, string>>, silent: string[] = []) {
    const folder = mkdtempSync(join(tmpdir(), 'headcount-escalation-'));
    const store = await openStore(kind === 'SQLite' ? join(folder, 'x.sqlite') : await postgres.database());
    onTestFinished(async () => {
      await store.destroy();
      rmSync(folder, { recursive: true, force: true });
    });
    const members = Object.values(people);
    for (const username of members) {
      const user = { username, password_hash: 'x', role: 'operator' as const, created_at: 1 };
      await store.insertInto('user').values(user).execute();
    }
    await inTransaction(store, (trx) => saveTeam(trx, 'ops', { title: 'Operations', members }, START));
    for (const [level, name] of Object.entries(people)) {
      const rotation = {
        ...{ kind: 'days' as const, length: 1, start: '2026-03-01T09:00', members: [name], hours: null },
      };
      const schedule = { timeZone: 'Asia/Ho_Chi_Minh', rotations: [rotation] };
      const duty = { team: 'ops', level: Number(level) as 1 | 2 | 3 | 4 };
      await inTransaction(store, (trx) => saveSchedule(trx, duty, schedule, START));
    }
    for (const name of members.filter((member) => !silent.includes(member))) await reach(store, name);
    return store;
  }

  async function reach(store: Store, username: string): Promise<void> {
    const wanted = { kind: 'email', address: `${username}@example.com`, language: 'vi' } as const;
    const { id } = await addContact(store, username, wanted, START);
    const key = { username, id };
    const { code } = await newCode(store, key, START);
    await confirmCode(store, key, { code, codeHash: await tryCode(store, key, START), now: START });
  }

  async function fire(store: Store, severity: Severity): Promise<string> {
    const alert = {
      ...{ id: 'a1', ruleSlug: 'site-uplink-down', severity, groupKey: 'site:shop', firedAt: START },
      asset: { kind: 'site' as const, path: 'shop', name: 'shop' },
      title: { en: 'Site shop is away', vi: 'Mất kết nối với shop' },
      ...{ suppressedBy: [], runbook: 'site-uplink' },
    };
    const opened = await inTransaction(store, (trx) => attachAlert(trx, alert, START, () => []));
    return opened?.incident ?? '';
  }

  const kinds = async (store: Store, incident: string) =>
    (await readTimeline(store, incident)).map((entry) => entry.kind);

  test('a critical incident climbs the ladder at its times until somebody acknowledges it', async () => {
    const store = await withLevels({ 1: 'an', 2: 'binh', 3: 'chi', 4: 'dung' });
    const incident = await fire(store, 'critical');
    expect(await tickAt(store, 0)).toEqual(['an an@example.com step 0 loop 0']);
    expect(await tickAt(store, 1.9)).toEqual([]);
    expect(await tickAt(store, 2)).toEqual(['an an@example.com step 1 loop 0']);
    expect(await tickAt(store, 5)).toEqual(['binh binh@example.com step 2 loop 0']);
    await inTransaction(store, (trx) => acknowledge(trx, incident, { by: AN, now: START + 6 * MINUTE }));
    expect(await tickAt(store, 20)).toEqual([]);
    // Its lease of half an hour is over: the ladder begins anew, and its pages are other ones.
    expect(await tickAt(store, 36)).toEqual(['an an@example.com step 0 loop 1']);
    expect(await tickAt(store, 41)).toEqual(['an an@example.com step 1 loop 1']);
  });

  test('a level at which nobody can be reached is skipped at once', async () => {
    const store = await withLevels({ 1: 'an', 2: 'binh' }, ['an']);
    const incident = await fire(store, 'critical');
    expect(await tickAt(store, 0)).toEqual(['binh binh@example.com step 2 loop 0']);
    expect(await kinds(store, incident)).toContain('paged');
  });

  test('while nobody at all can be reached it is looked again, and a contact that comes is used', async () => {
    const store = await withLevels({ 1: 'an' }, ['an']);
    const incident = await fire(store, 'high');
    expect(await tickAt(store, 0)).toEqual([]);
    expect(await kinds(store, incident)).toContain('nobody-to-page');
    await reach(store, 'an');
    expect(await tickAt(store, 4)).toEqual([]);
    expect(await tickAt(store, 5)).toEqual(['an an@example.com step 0 loop 0']);
  });

  test('the ladder is climbed five times and no more', async () => {
    const store = await withLevels({ 1: 'an' });
    const incident = await fire(store, 'critical');
    const all = [];
    for (let minutes = 0; minutes < 5 * 60; minutes++) all.push(...(await tickAt(store, minutes)));
    expect(all).toHaveLength(10);
    expect(new Set(all).size).toBe(10);
    expect(await kinds(store, incident)).toContain('ladder-ended');
  });

  test('a severity that rises begins its own ladder, and the old one is not changed by an edit', async () => {
    const store = await withLevels({ 1: 'an', 2: 'binh' });
    const incident = await fire(store, 'high');
    expect(await tickAt(store, 0)).toEqual(['an an@example.com step 0 loop 0']);
    await store.updateTable('escalation_step').set({ offset_ms: 0 }).where('severity', '=', 'high').execute();
    expect(await tickAt(store, 5)).toEqual([]);
    await inTransaction(store, (trx) =>
      changeSeverity(
        trx,
        incident,
        { severity: 'critical', reason: '' },
        { by: AN, now: START + 6 * MINUTE },
      ),
    );
    expect(await tickAt(store, 10)).toEqual(['an an@example.com step 0 loop 1']);
  });
});
