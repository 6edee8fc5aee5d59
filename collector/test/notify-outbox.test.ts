import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Channel, Channels, Message, Outcome } from '../src/notify/message.js';
import {
  cancelPages,
  NotifyWorker,
  queueNotification,
  type Contact,
  type NewNotification,
  type NotificationData,
} from '../src/notify/outbox.js';
import { purgeNotifications } from '../src/notify/purge.js';
import { sealText } from '../src/notify/sealed.js';
import { queueWeeklyTests } from '../src/notify/tests.js';
import { Vault } from '../src/security/vault.js';
import { openStore, type Store } from '../src/store/store.js';
import { Inbox } from './_util/inbox.js';
import { LogBook } from './_util/logs.js';
import { TestPostgres } from './_util/postgres.js';
import { until } from './_util/until.js';

const VAULT = new Vault(Buffer.alloc(32, 1));
const START = Date.parse('2026-03-02T10:00Z');
const MINUTE = 60_000;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

const contact = (id: string, kind: Contact['kind'] = 'email'): Contact => ({
  ...{ id, kind, address: `${id}@example.com`, language: 'en' },
});
const data: NotificationData = {
  ...{ number: 7, title: { en: 'Camera offline', vi: 'Mất camera' }, site: 'main', since: START },
  ...{ timeZone: 'Asia/Ho_Chi_Minh', runbook: 'camera-offline' },
};
const page = (changes: Partial<NewNotification> = {}): NewNotification => ({
  ...{ incident: 'INC-7', contact: contact('lan'), fallbacks: [], step: 0, loop: 0, kind: 'page' },
  ...{ severity: 'high', data, deadlineAt: START + 15 * MINUTE, ...changes },
});

/** A channel in this process that answers what it is told to; receivers by wire are in the tests of the channels. */
class ScriptedChannel implements Channel {
  readonly inbox = new Inbox<Message>('the channel');
  outcomes: Outcome[] = [];

  send(message: Message): Promise<Outcome> {
    this.inbox.add(message);
    return Promise.resolve(this.outcomes.shift() ?? { kind: 'ok', ref: `ref ${message.id}` });
  }
}

/** A database with a worker whose clock the test moves. */
class Bench {
  readonly channel = new ScriptedChannel();
  readonly logs = new LogBook();
  readonly told: string[] = [];
  readonly store: Store;
  now = START;
  private worker: NotifyWorker | undefined;

  constructor(store: Store) {
    this.store = store;
  }

  static async open(kind: 'SQLite' | 'PostgreSQL'): Promise<Bench> {
    const folder = mkdtempSync(join(tmpdir(), 'headcount-notify-'));
    const place = kind === 'SQLite' ? join(folder, 'x.sqlite') : await postgres.database();
    const bench = new Bench(await openStore(place));
    onTestFinished(async () => {
      await bench.worker?.stop();
      await bench.store.destroy();
      rmSync(folder, { recursive: true, force: true });
      bench.logs.check();
    });
    return bench;
  }

  start(instance = 'a', channels: Channels = { email: this.channel, sms: this.channel }): NotifyWorker {
    this.worker = new NotifyWorker({
      ...{ store: this.store, vault: VAULT, channels, publicUrl: 'https://collector.example', instance },
      leads: () => true,
      onDelivered: (id) => Promise.resolve(void this.told.push(`${id} ok`)),
      onFailed: (id) => Promise.resolve(void this.told.push(`${id} failed`)),
      now: () => this.now,
      logger: this.logs.logger,
    });
    this.worker.start();
    return this.worker;
  }

  wake(): void {
    this.worker?.wake();
  }

  queue(changes: Partial<NewNotification> = {}): Promise<string> {
    return queueNotification(this.store, page(changes), this.now);
  }

  async row(id: string) {
    return this.store.selectFrom('notification').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  }

  async settled(id: string, state: string, attempts: number) {
    return until(async () => {
      const row = await this.row(id);
      return row.state === state && row.attempts === attempts ? row : undefined;
    }, `${state} after ${attempts}`);
  }
}

async function addIncident(
  store: Store,
  { status, number }: { status: 'triggered' | 'closed'; number: number },
): Promise<string> {
  const id = `INC-${number}`;
  await store
    .insertInto('incident')
    .values({
      ...{
        id,
        number,
        status: 'triggered',
        group_key: null,
        title_en: 'a',
        title_vi: 'b',
        severity: 'medium',
      },
      ...{ asset_kind: null, asset_path: null, asset_name: null, time_zone: 'UTC', runbook: '' },
      ...{ opened_by: 'a', since_at: START, started_at: START, triggered_at: START, acked_at: null },
      ...{ holder: null, mitigated_at: null, resolved_at: null, closed_at: null, merged_into: null },
      ...{
        resolve_reason: null,
        merged_at: null,
        reopen_of: null,
        impact: null,
        event_seq: 0,
        event_hash: '',
      },
    })
    .execute();
  if (status === 'triggered') return id;
  const resolved = { status: 'resolved', resolved_at: START, resolve_reason: 'auto', impact: '{}' } as const;
  for (const change of [resolved, { status, closed_at: START }])
    await store.updateTable('incident').set(change).where('id', '=', id).execute();
  return id;
}
test.each([
  ['a runbook of ours', 'camera-offline', 'https://collector.example/#handbook/camera-offline'],
  ['one that Prometheus names', 'https://wiki.example/disk', 'https://wiki.example/disk'],
  ['none: the handbook', '', 'https://collector.example/#handbook'],
  ['neither: the handbook', 'javascript:alert(1)', 'https://collector.example/#handbook'],
])('a message links to %s', async (_what, runbook, url) => {
  const bench = await Bench.open('SQLite');
  await bench.queue({ data: { ...data, runbook } });
  await bench.queue({ kind: 'verify', incident: null, data: { ...data, number: null, runbook: '' } });
  bench.start();
  const messages = [await bench.channel.inbox.next(), await bench.channel.inbox.next()];
  const linkOf = (kind: string) => messages.find((message) => message.kind === kind)?.runbookUrl;
  expect([linkOf('page'), linkOf('verify')]).toEqual([url, undefined]);
});

describe.each(['SQLite', 'PostgreSQL'] as const)('the outbox on %s', (kind) => {
  test('sends a page once, with its links, and tells whoever keeps the contacts', async () => {
    const bench = await Bench.open(kind);
    const id = await bench.queue();
    expect(await bench.queue()).toBe(id);
    expect(await bench.queue({ step: 1 })).not.toBe(id);
    // The newer page of the thread replaces the one that waited.
    expect(await bench.row(id)).toMatchObject({ state: 'superseded' });
    bench.start();
    const message = await bench.channel.inbox.next();
    expect(message).toMatchObject({
      ...{ address: 'lan@example.com', kind: 'page', firstRef: undefined },
      subject: '[HIGH] #7 main: Camera offline since 2026-03-02 17:00 +07:00 (Asia/Ho_Chi_Minh)',
      incidentUrl: 'https://collector.example/#incidents/INC-7',
      runbookUrl: 'https://collector.example/#handbook/camera-offline',
    });
    expect(message.ackUrl).toMatch(/^https:\/\/collector\.example\/ack\/[\w-]{43}$/);
    const row = await bench.settled(message.id, 'sent', 1);
    expect(row).toMatchObject({ provider_ref: `ref ${message.id}`, sent_at: START, next_at: null });
    expect(bench.told).toEqual(['lan ok']);
    // The link's secret is nowhere in the database.
    const tokens = await bench.store.selectFrom('ack_token').selectAll().execute();
    expect(JSON.stringify([tokens, row])).not.toContain(message.token);
  });

  test('tries again after what may pass, as the receiver says, and at last the next contact', async () => {
    const bench = await Bench.open(kind);
    const temp = (retryAfterMs?: number): Outcome => ({
      kind: 'temp',
      error: 'busy',
      status: 503,
      retryAfterMs,
    });
    bench.channel.outcomes = [temp(), temp(40_000), temp()];
    const id = await bench.queue({ fallbacks: [contact('minh')], deadlineAt: START + 70_000 });
    bench.start();
    await bench.channel.inbox.next();
    const first = await bench.settled(id, 'queued', 1);
    expect(first.next_at).toBeGreaterThanOrEqual(START + 15_000);
    expect(first.next_at).toBeLessThanOrEqual(START + 18_750);
    bench.now = first.next_at ?? 0;
    bench.wake();
    await bench.channel.inbox.next();
    expect(await bench.settled(id, 'queued', 2)).toMatchObject({ next_at: bench.now + 40_000 });
    bench.now += 40_000;
    bench.wake();
    // The third wait would end after the deadline.
    await bench.channel.inbox.next();
    await bench.settled(id, 'failed', 3);
    expect(await bench.channel.inbox.next()).toMatchObject({ address: 'minh@example.com' });
    const attempts = await bench.store
      .selectFrom('notification_attempt')
      .select(['n', 'outcome', 'status'])
      .where('notification', '=', id)
      .orderBy('n')
      .execute();
    expect(attempts).toEqual([1, 2, 3].map((n) => ({ n, outcome: 'temp', status: 503 })));
  });

  test('a refusal brings the next contact at once, and the one that failed is named', async () => {
    const bench = await Bench.open(kind);
    bench.channel.outcomes = [{ kind: 'perm', error: 'no such mailbox', status: 550, contactFault: true }];
    const id = await bench.queue({ fallbacks: [contact('minh'), contact('hoa')] });
    bench.start();
    await bench.channel.inbox.next();
    await bench.settled(id, 'failed', 1);
    const next = await bench.channel.inbox.next();
    expect(next.address).toBe('minh@example.com');
    expect(JSON.parse((await bench.row(next.id)).fallbacks)).toEqual([contact('hoa')]);
    await bench.settled(next.id, 'sent', 1);
    expect(bench.told).toEqual(['lan failed', 'minh ok']);
  });

  test('what may have arrived is sent once more and says so, and a critical page also goes to the next contact', async () => {
    const bench = await Bench.open(kind);
    const unknown: Outcome = { kind: 'unknown', error: 'no answer in time' };
    bench.channel.outcomes = [unknown, unknown, { kind: 'ok' }];
    const id = await bench.queue({ severity: 'critical', fallbacks: [contact('minh')] });
    bench.start();
    const first = await bench.channel.inbox.next();
    const others = [await bench.channel.inbox.next(), await bench.channel.inbox.next()];
    const again = others.find((message) => message.id === id);
    const fallback = others.find((message) => message.id !== id);
    expect(first.subject).not.toContain('duplicate');
    expect(again).toMatchObject({
      idemKey: first.idemKey,
      subject: expect.stringContaining('(possible duplicate)') as string,
    });
    expect(fallback).toMatchObject({ address: 'minh@example.com' });
    expect(fallback?.subject).not.toContain('duplicate');
    // The second outcome went to either of the two; both come to rest, and nobody sends a third time.
    await until(async () => {
      const open = await bench.store
        .selectFrom('notification')
        .select('id')
        .where('next_at', 'is not', null)
        .execute();
      return open.length === 0 ? true : undefined;
    }, 'rest');
  });

  test('an attempt whose collector is gone, or whose time is over, is unknown', async () => {
    const bench = await Bench.open(kind);
    const gone = await bench.queue();
    const alive = await bench.queue({ contact: contact('minh') });
    await bench.store.insertInto('collector_instance').values({ id: 'b', seen_at: START }).execute();
    for (const [id, holder] of [
      [gone, 'killed'],
      [alive, 'b'],
    ] as const)
      await bench.store
        .updateTable('notification')
        .set({ state: 'sending', attempts: 1, holder, begun_at: START, next_at: START + 10_000 })
        .where('id', '=', id)
        .execute();
    bench.start();
    expect(await bench.channel.inbox.next()).toMatchObject({
      id: gone,
      subject: expect.stringContaining('duplicate') as string,
    });
    await bench.settled(gone, 'sent', 2);
    expect(await bench.row(alive)).toMatchObject({ state: 'sending' });
    bench.now += 10_000;
    bench.wake();
    expect(await bench.channel.inbox.next()).toMatchObject({ id: alive });
    await bench.settled(alive, 'sent', 2);
  });

  test('an acknowledgement cancels what waits, and what is being sent is not sent again', async () => {
    const bench = await Bench.open(kind);
    const ids = await Promise.all([bench.queue(), bench.queue({ contact: contact('minh') })]);
    const other = await bench.queue({ incident: 'INC-8', contact: contact('hoa') });
    await bench.store
      .updateTable('notification')
      .set({ state: 'sending', attempts: 1, holder: 'gone', begun_at: START, next_at: START })
      .where('id', '=', ids[1])
      .execute();
    await cancelPages(bench.store, 'INC-7', START);
    expect(await bench.row(ids[0])).toMatchObject({ state: 'cancelled' });
    bench.start();
    expect(await bench.channel.inbox.next()).toMatchObject({ id: other });
    await bench.settled(ids[1], 'cancelled', 1);
  });

  test('news replace news that wait, and never a page', async () => {
    const bench = await Bench.open(kind);
    const waiting = await bench.queue();
    const update = await bench.queue({ kind: 'update', step: 1 });
    const resolved = await bench.queue({ kind: 'resolved', step: 2 });
    expect(await bench.row(waiting)).toMatchObject({ state: 'queued' });
    expect(await bench.row(update)).toMatchObject({ state: 'superseded', superseded_by: resolved });
    bench.start();
    expect(await bench.channel.inbox.next()).toMatchObject({ id: waiting });
    expect(await bench.channel.inbox.next()).toMatchObject({ id: resolved });
  });

  test('the most urgent goes first', async () => {
    const bench = await Bench.open(kind);
    const queued: [string, Partial<NewNotification>][] = [
      ['resolved', { kind: 'resolved', severity: 'critical', incident: 'INC-1' }],
      ['medium', { severity: 'medium', incident: 'INC-2' }],
      ['high', { severity: 'high', incident: 'INC-3' }],
      ['test', { kind: 'test', incident: null }],
      ['first', { severity: 'critical', incident: 'INC-4' }],
      ['second', { severity: 'critical', incident: 'INC-4', step: 1 }],
    ];
    for (const [name, changes] of queued) await bench.queue({ ...changes, contact: contact(name) });
    bench.start();
    const order: string[] = [];
    for (const { length } of [queued])
      while (order.length < length)
        order.push((await bench.channel.inbox.next()).address.split('@')[0] ?? '');
    expect(order).toEqual(['first', 'second', 'test', 'high', 'medium', 'resolved']);
  });

  test('what stands sealed is sent readable, is nowhere in the row, and is dropped once it was sent', async () => {
    const bench = await Bench.open(kind);
    const text = { en: 'Your code is 123456.', vi: 'Mã của bạn là 123456.' };
    const code = { ...data, sealed: sealText(VAULT, text) };
    const id = await bench.queue({ kind: 'verify', incident: null, data: code });
    expect((await bench.row(id)).payload).not.toContain('123456');
    bench.channel.outcomes = [{ kind: 'temp', error: 'busy', retryAfterMs: 1000 }];
    bench.start();
    expect((await bench.channel.inbox.next()).lines).toEqual([text.en]);
    expect((await bench.settled(id, 'queued', 1)).payload).toContain('sealed');
    bench.now += 1001;
    bench.wake();
    expect((await bench.channel.inbox.next()).lines).toEqual([text.en]);
    expect(JSON.parse((await bench.settled(id, 'sent', 2)).payload)).toEqual(data);
  });

  test('what is old goes with its attempts and links; what an open or reviewed incident shows stays', async () => {
    const bench = await Bench.open(kind);
    bench.start();
    const incidents = { open: 'triggered', closed: 'closed', reviewed: 'closed' } as const;
    const ids: Record<string, string> = {};
    for (const [name, status] of Object.entries(incidents)) {
      const incident = await addIncident(bench.store, { status, number: Object.keys(ids).length + 1 });
      ids[name] = await bench.queue({ incident });
      await bench.channel.inbox.next();
      await bench.settled(ids[name], 'sent', 1);
    }
    await bench.store
      .insertInto('review')
      .values({
        ...{
          incident: 'INC-3',
          status: 'draft',
          owner: null,
          summary: '',
          root_cause: '',
          contributing: '',
        },
        ...{ went_well: '', created_at: START, changed_at: START },
      })
      .execute();
    ids['test'] = await bench.queue({ kind: 'test', incident: null });
    await bench.channel.inbox.next();
    await bench.settled(ids['test'], 'sent', 1);
    // Attempts go with their message, never alone.
    await expect(bench.store.deleteFrom('notification_attempt').execute()).rejects.toThrow(/append-only/);
    await expect(
      bench.store.updateTable('notification_attempt').set({ error: 'x' }).execute(),
    ).rejects.toThrow(/append-only/);
    const later = START + 400 * 24 * 60 * MINUTE;
    expect(await purgeNotifications(bench.store, later)).toBe(0);
    expect(await purgeNotifications(bench.store, later + 1)).toBe(2);
    const left = await bench.store.selectFrom('notification').select('id').execute();
    expect(left.map(({ id }) => id).sort()).toEqual([ids['open'], ids['reviewed']].sort());
    for (const table of ['notification_attempt', 'ack_token'] as const)
      expect(await bench.store.selectFrom(table).select('notification').execute()).toHaveLength(2);
  });

  test('low ones come gathered at nine on the wall clock of the recipient', async () => {
    const bench = await Bench.open(kind);
    const low = { severity: 'low', data: { ...data, recipientZone: 'Europe/Berlin' } } as const;
    const ids = [await bench.queue(low), await bench.queue({ ...low, incident: 'INC-8' })];
    const nine = Date.parse('2026-03-03T09:00+01:00');
    expect(await bench.row(ids[0] ?? '')).toMatchObject({ state: 'queued', next_at: nine });
    bench.now = nine;
    bench.start();
    const digest = await bench.channel.inbox.next();
    expect(digest).toMatchObject({ kind: 'digest', subject: 'Digest: 2 of low severity' });
    expect(digest.lines).toHaveLength(2);
    for (const id of ids)
      expect(await bench.row(id)).toMatchObject({ state: 'superseded', superseded_by: digest.id });
  });

  test('a page that nobody could try in time is tried, a code that is of no use any more is not', async () => {
    const bench = await Bench.open(kind);
    const late = await bench.queue();
    const code = await bench.queue({ kind: 'verify', incident: null });
    bench.now += 3_600_000;
    bench.start();
    expect(await bench.channel.inbox.next()).toMatchObject({ id: late });
    await bench.settled(code, 'failed', 0);
  });

  test('a contact is sent no more than it takes, unless it is critical', async () => {
    const bench = await Bench.open(kind);
    const lan = contact('lan', 'sms');
    for (let step = 0; step < 7; step++) await bench.queue({ contact: lan, incident: `INC-${step}` });
    bench.start();
    for (let count = 0; count < 5; count++) await bench.channel.inbox.next();
    await until(async () => {
      const waiting = await bench.store
        .selectFrom('notification')
        .select('next_at')
        .where('state', '=', 'queued')
        .execute();
      return waiting.length === 2 && waiting.every(({ next_at }) => (next_at ?? 0) > START)
        ? true
        : undefined;
    }, 'the throttle');
    await bench.queue({ contact: lan, incident: 'INC-99', severity: 'critical' });
    bench.wake();
    expect(await bench.channel.inbox.next()).toMatchObject({ incident: 'INC-99' });
    bench.now += MINUTE;
    bench.wake();
    await bench.channel.inbox.next();
  });

  test('weekly test pages are queued once, on Monday at ten on the wall clock', async () => {
    const bench = await Bench.open(kind);
    const weeklyTest = [{ kind: 'email', address: 'ops@example.com', language: 'vi' }] as const;
    const settings = { weeklyTest: [...weeklyTest], timeZone: 'America/New_York' };
    const ten = Date.parse('2026-03-09T10:00-04:00');
    const queued = () => bench.store.selectFrom('notification').selectAll().execute();
    await queueWeeklyTests(bench.store, settings, ten - 1);
    expect(await queued()).toEqual([]);
    for (const now of [ten, ten + MINUTE, ten + 3_600_000])
      await queueWeeklyTests(bench.store, settings, now);
    expect(await queued()).toMatchObject([{ kind: 'test', created_at: ten, language: 'vi' }]);
    // One that is made up for may be answered for as long as any other.
    const late = ten + 7 * 24 * 60 * MINUTE + 120 * MINUTE;
    await queueWeeklyTests(bench.store, settings, late);
    expect((await queued()).map(({ deadline_at }) => deadline_at)).toContain(late + 10 * MINUTE);
  });

  test('a state that cannot be is refused by the database, and attempts are never rewritten', async () => {
    const bench = await Bench.open(kind);
    const id = await bench.queue();
    const set = (change: object) =>
      bench.store.updateTable('notification').set(change).where('id', '=', id).execute();
    for (const change of [
      { state: 'gone' },
      { state: 'sent' },
      { state: 'sent', next_at: null, sent_at: START },
      { state: 'sending', holder: 'a', begun_at: START },
      { state: 'failed', next_at: null },
      { state: 'unknown', attempts: 1, error: 'x', next_at: null },
      { state: 'superseded', next_at: null },
      { next_at: null },
      { attempts: 10 },
    ])
      await expect(set(change)).rejects.toThrow(/notification/i);
    const attempt = { notification: id, n: 1, started_at: START, ended_at: START, outcome: 'ok' } as const;
    await bench.store
      .insertInto('notification_attempt')
      .values({ ...attempt, status: null, error: null })
      .execute();
    await expect(bench.store.updateTable('notification_attempt').set({ n: 2 }).execute()).rejects.toThrow(
      /append-only/,
    );
    await expect(bench.store.deleteFrom('notification_attempt').execute()).rejects.toThrow(/append-only/);
  });
});
