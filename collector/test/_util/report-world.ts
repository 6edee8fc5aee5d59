import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { acknowledge, resolve, tickStep } from '../../src/incidents/actions.js';
import { alertResolved, attachAlert } from '../../src/incidents/from-alerts.js';
import { merge } from '../../src/incidents/merge.js';
import { tickIncidents } from '../../src/incidents/tick.js';
import { queueNotification } from '../../src/notify/outbox.js';
import type { Contact } from '../../src/oncall/targets.js';
import { inTransaction, openStore, type Queryable, type Store } from '../../src/store/store.js';

const MINUTE = 60_000;

/** Whom a page goes to: lan by mail or SMS, minh by mail. */
export type ContactName = 'lan-mail' | 'lan-sms' | 'minh-mail';

/** A shop in Vietnam, whose engineer lan takes turns in Berlin while minh is in no schedule; alerts, incidents and pages by hand. */
export class ReportWorld {
  readonly store: Store;
  private edges = 0;

  private constructor(store: Store) {
    this.store = store;
  }

  /** @param url of an empty PostgreSQL database; SQLite without it */
  static async make(url?: string): Promise<ReportWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'headcount-reports-'));
    const store = await openStore(url ?? join(folder, 'x.sqlite'));
    onTestFinished(async () => {
      await store.destroy();
      rmSync(folder, { recursive: true, force: true });
    });
    return ReportWorld.over(store);
  }

  /** In a database that has no site "shop" and no team. */
  static async over(store: Store): Promise<ReportWorld> {
    const world = new ReportWorld(store);
    await world.people();
    return world;
  }

  private async people(): Promise<void> {
    const { store } = this;
    await store
      .insertInto('site')
      .values({ name: 'shop', time_zone: 'Asia/Ho_Chi_Minh', closing_time: null })
      .execute();
    for (const username of ['lan', 'minh'])
      await store
        .insertInto('user')
        .values({ username, password_hash: 'x', role: 'operator', created_at: 1 })
        .execute();
    for (const id of ['lan-mail', 'lan-sms', 'minh-mail'] as const)
      await store
        .insertInto('user_contact')
        .values({
          ...{ id, username: id.split('-')[0] ?? '', kind: contact(id).kind, address: id, language: 'en' },
          ...{ verified: 1, verified_at: 1, created_at: 1 },
        })
        .execute();
    await store.insertInto('team').values({ name: 'ops', title: 'Operations', created_at: 1 }).execute();
    const schedule = { team: 'ops', level: 1 } as const;
    await store
      .insertInto('schedule')
      .values({ ...schedule, time_zone: 'Europe/Berlin', built_to: Date.parse('2026-04-20T00:00Z') })
      .execute();
    await store
      .insertInto('oncall_span')
      .values({
        ...{ ...schedule, username: 'lan', from_at: Date.parse('2026-03-01T00:00Z') },
        to_at: Date.parse('2026-04-20T00:00Z'),
      })
      .execute();
  }

  private within<T>(work: (trx: Queryable) => Promise<T>): Promise<T> {
    return inTransaction(this.store, work);
  }

  /** An alert that fired at a camera. @param lastsMs until it was over; undefined while it is not */
  async alert(
    id: string,
    rule: string,
    fired: number,
    { lastsMs, forMs = 0 }: { lastsMs?: number | undefined; forMs?: number } = {},
  ): Promise<void> {
    const { store } = this;
    await store
      .insertInto('alert')
      .values({
        ...{ id, rule, rule_version: 0, condition: '', severity: 'high', asset_kind: 'camera' },
        ...{ asset_path: 'shop/lobby/door', asset_name: 'Door', dedup_key: id, group_key: id, title: '{}' },
        ...{ runbook: rule, state: 'pending', unit: '', threshold: 1, first_true_at: fired - forMs },
        ...{ suppressed_by: '[]', flaps: '[]' },
      })
      .execute();
    const change = store.updateTable('alert').where('id', '=', id);
    await change.set({ state: 'firing', fired_at: fired }).execute();
    if (lastsMs === undefined) return;
    const over = { state: 'resolved', resolved_at: fired + lastsMs, resolve_reason: 'auto' } as const;
    await change.set(over).execute();
  }

  /** The alert came back while it was clearing. */
  async returns(alert: string, seq: number, at: number): Promise<void> {
    await this.store
      .insertInto('alert_event')
      .values({ alert_id: alert, seq, at, kind: 'returned', data: '{}' })
      .execute();
  }

  /** An incident of an alert of its own, with a checklist of one step. @returns such as "INC-1" */
  async incident(rule: string, at: number, lastsMs?: number, forMs = 0): Promise<string> {
    const id = `${rule} ${at}`;
    await this.alert(id, rule, at, { lastsMs, forMs });
    const joined = await this.within((trx) =>
      attachAlert(
        trx,
        {
          ...{ id, ruleSlug: rule, severity: 'high', groupKey: id, firedAt: at, suppressedBy: [] },
          asset: { kind: 'camera', path: 'shop/lobby/door', name: 'Door' },
          ...{ title: { en: rule, vi: rule }, runbook: rule },
        },
        at,
        () => [{ en: 'Look', vi: 'Xem' }],
      ),
    );
    return joined?.incident ?? '';
  }

  async acknowledge(id: string, at: number): Promise<void> {
    await this.within((trx) => acknowledge(trx, id, { by: { actor: 'lan', channel: 'email' }, now: at }));
  }

  async tick(id: string, at: number): Promise<void> {
    const by = { actor: 'lan', channel: 'console' } as const;
    await this.within((trx) => tickStep(trx, id, { position: 0, done: true }, { by, now: at }));
  }

  async resolve(id: string, at: number): Promise<void> {
    const by = { actor: 'lan', channel: 'console' } as const;
    await this.within((trx) => resolve(trx, id, 'mended', { by, now: at }));
  }

  async merge(child: string, parent: string, at: number): Promise<void> {
    await this.within((trx) =>
      merge(trx, child, parent, { by: { actor: 'lan', channel: 'console' }, now: at }),
    );
  }

  /** Its alert is over, and nothing came back. */
  async calm(alert: string, at: number): Promise<void> {
    await this.within((trx) => alertResolved(trx, alert, at));
    await tickIncidents(this.store, at + 15 * MINUTE);
  }

  /** A page went out. */
  async page(
    incident: string,
    to: ContactName,
    at: number,
    { step = 0, state = 'sent' }: { step?: number; state?: 'sent' | 'unknown' | 'cancelled' | 'failed' } = {},
  ): Promise<void> {
    const data = {
      number: 1,
      title: { en: '', vi: '' },
      site: null,
      since: at,
      timeZone: 'UTC',
      runbook: '',
    };
    const page = { incident, contact: contact(to), fallbacks: [], step, loop: 0, kind: 'page' } as const;
    const id = await queueNotification(
      this.store,
      { ...page, severity: 'high', data, deadlineAt: at + MINUTE },
      at,
    );
    const done = {
      sent: { state, attempts: 1, sent_at: at },
      unknown: { state, attempts: 1, error: 'no answer', duplicate: 1 },
      cancelled: { state, error: 'cancelled' },
      failed: { state, error: 'refused' },
    }[state];
    await this.store
      .updateTable('notification')
      .set({ ...done, next_at: null })
      .where('id', '=', id)
      .execute();
  }

  /** A camera was away. */
  async outage(from: number, ms: number): Promise<void> {
    const { store } = this;
    if (this.edges === 0) {
      const gateway = {
        name: 'lobby',
        site: 'shop',
        secret_hash: 'x',
        added_at: 1,
        status: 'online',
      } as const;
      await store.insertInto('gateway').values(gateway).execute();
      await store
        .insertInto('camera')
        .values({ gateway: 'lobby', id: 'door', name: 'Door', present: 1 })
        .execute();
    }
    for (const [state, at] of [['reconnecting', from] as const, ['streaming', from + ms] as const])
      await store
        .insertInto('camera_edge')
        .values({
          ...{ gateway: 'lobby', epoch: 'e', seq: (this.edges += 1), camera: 'door', state, cause: 'x', at },
        })
        .execute();
  }
}

function contact(id: ContactName): Contact {
  return { id, kind: id === 'lan-sms' ? 'sms' : 'email', address: id, language: 'en' };
}

const at = (time: string) => Date.parse(`2026-03-${time}Z`);

/**
 * A March with the night in which Berlin's clocks go from 02:00 to 03:00: 22:00 is 21:00 UTC, 07:00 is 05:00 UTC. Eight pages in five
 * incidents, and one of April.
 */
export async function march(world: ReportWorld): Promise<void> {
  const one = await world.incident('gateway-offline', at('28T20:59'), 30 * MINUTE);
  await world.page(one, 'lan-mail', at('28T20:59'));
  await world.page(one, 'lan-sms', at('28T20:59'));
  await world.acknowledge(one, at('28T21:00'));
  await world.tick(one, at('28T21:01'));
  await world.calm(`gateway-offline ${at('28T20:59')}`, at('28T21:29'));

  const two = await world.incident('camera-offline', at('28T21:00'), 10 * MINUTE);
  await world.page(two, 'lan-mail', at('28T21:00'));
  // Four in the morning for minh, by the clock of the shop.
  await world.page(two, 'minh-mail', at('28T21:10'), { step: 2 });
  await world.calm(`camera-offline ${at('28T21:00')}`, at('28T21:10'));

  const three = await world.incident('camera-offline', at('29T04:59'), 20 * MINUTE);
  await world.page(three, 'lan-mail', at('29T04:59'));
  await world.page(three, 'lan-sms', at('29T04:59'));
  await world.page(three, 'lan-sms', at('29T04:59:30'), { step: 1 });
  await world.acknowledge(three, at('29T05:00'));
  await world.calm(`camera-offline ${at('29T04:59')}`, at('29T05:19'));

  const four = await world.incident('gateway-offline', at('29T05:00'), 40 * MINUTE);
  await world.page(four, 'lan-mail', at('29T05:00'));
  await world.page(four, 'minh-mail', at('29T05:01'), { step: 1 });
  await world.page(four, 'lan-mail', at('29T05:02'), { step: 2, state: 'cancelled' });
  await world.page(four, 'lan-sms', at('29T05:03'), { step: 3, state: 'failed' });
  await world.acknowledge(four, at('29T05:04'));
  await world.resolve(four, at('29T05:40'));

  const five = await world.incident('camera-frozen', at('31T21:59'));
  await world.page(five, 'lan-mail', at('31T21:59'), { state: 'unknown' });
  // April has begun in Berlin.
  const six = await world.incident('camera-frozen', at('31T22:00'));
  await world.page(six, 'lan-mail', at('31T22:00'));
  await world.alert('nobody was told', 'camera-offline', at('10T10:00'), { lastsMs: 60 * MINUTE });
  await world.returns('nobody was told', 1, at('10T10:10'));
  await world.returns('nobody was told', 2, at('10T10:20'));
}
