import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { VerdictKeeper } from '../../src/accuracy/verdict-keeper.js';
import { tickAlerts, type AlertRef, type TickCounts, type TickOptions } from '../../src/alerts/engine.js';
import { NOTHING_COUNTED, OwnNumbers, type OwnReading } from '../../src/alerts/own-numbers.js';
import { SignalReader } from '../../src/alerts/reader.js';
import type { AlertRow } from '../../src/alerts/rows.js';
import { askForVerdicts } from '../../src/fleet/verdict-rows.js';
import { openStore, type Store } from '../../src/store/store.js';

export const START = Date.parse('2026-03-04T10:07Z');
const DAY_MS = 24 * 3_600_000;

let template: Promise<string> | undefined;

/** A migrated file, made once: a hundred tests each want one. */
async function emptyFile(): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'headcount-alerts-')), 'empty.sqlite');
  await (await openStore(file)).destroy();
  return file;
}

/** A healthy reading of the collector itself. */
const WELL: OwnReading = {
  ...NOTHING_COUNTED,
  ...{ wrongLogins: 0, inFlight: 0 },
  ...{ brokerProblem: undefined, loopDelayMs: 10, diskFree: 0.5, walBytes: 1e6, watcherSilenceMs: undefined },
};

/** A database with a site, a gateway, a camera and a line, all of them well, and a collector that can be made ill. */
export class AlertWorld {
  readonly store: Store;
  now = START;
  own: OwnReading | Error = WELL;
  logins = 0;
  startedAt = START - 30 * DAY_MS;
  suppressions: TickOptions['suppressions'] = () => Promise.resolve(() => []);
  onFiring: TickOptions['onFiring'] = () => Promise.resolve();
  onResolved: TickOptions['onResolved'] = () => Promise.resolve();
  readonly fired: AlertRef[] = [];
  readonly resolved: AlertRef[] = [];
  readonly errors: string[] = [];
  private numbers: OwnNumbers | undefined;

  private constructor(store: Store) {
    this.store = store;
  }

  /** @param url of an empty PostgreSQL database; SQLite without it */
  static async make(url?: string): Promise<AlertWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'headcount-alerts-'));
    const file = join(folder, 'x.sqlite');
    if (url === undefined) {
      template ??= emptyFile();
      copyFileSync(await template, file);
    }
    const store = await openStore(url ?? file);
    // Nobody cuts the power here, and waiting for the disk is most of the time.
    if (url === undefined) await sql`PRAGMA synchronous = OFF`.execute(store);
    onTestFinished(async () => {
      await store.destroy();
      rmSync(folder, { recursive: true, force: true });
    });
    const world = new AlertWorld(store);
    await store.insertInto('site').values({ name: 'shop', time_zone: 'UTC', closing_time: null }).execute();
    await world.addGateway('lobby');
    await world.addCamera('lobby', 'door');
    return world;
  }

  async addGateway(name: string, site = 'shop'): Promise<void> {
    await this.store
      .insertInto('site')
      .values({ name: site, time_zone: 'UTC', closing_time: null })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const gateway = {
      name,
      site,
      secret_hash: 'x',
      added_at: 1,
      status: 'online',
      last_seen_at: this.now,
    } as const;
    await this.store.insertInto('gateway').values(gateway).execute();
  }

  /** With a line; it streams. */
  async addCamera(gateway: string, id: string): Promise<void> {
    const camera = { gateway, id, name: id, state: 'streaming', cause: 'first-frame', since: 1, present: 1 };
    await this.store.insertInto('camera').values(camera).execute();
    await this.store
      .insertInto('line')
      .values({ gateway, camera: id, id: 'main', name: 'Main', present: 1, first_at: START - 400 * DAY_MS })
      .execute();
  }

  async setCamera(state: string, id = 'door'): Promise<void> {
    await this.store.updateTable('camera').set({ state, since: this.now }).where('id', '=', id).execute();
  }

  /** All signs are looked for, and every line is judged. */
  async keepVerdicts(): Promise<void> {
    const keeper = new VerdictKeeper({ store: this.store, now: () => this.now, logger: pino() });
    await askForVerdicts(this.store, { gateway: 'lobby' });
    await keeper.lookForRisks();
    await keeper.judgeDue();
  }

  /** Every gateway has just been heard. */
  async hear(at = this.now): Promise<void> {
    await this.store.updateTable('gateway').set({ last_seen_at: at, status: 'online' }).execute();
  }

  /** One look at everything by a collector that has just been started again. */
  async tick(seconds = 0): Promise<TickCounts> {
    this.now += seconds * 1000;
    this.numbers ??= new OwnNumbers(
      {
        read: () => (this.own instanceof Error ? Promise.reject(this.own) : Promise.resolve(this.own)),
        connects: () => this.logins,
      },
      this.startedAt,
    );
    const reader = new SignalReader({
      own: this.numbers,
      onError: (signals, error) => this.errors.push(`${signals.join()}: ${String(error)}`),
    });
    return tickAlerts(this.store, {
      ...{ now: this.now, reader, suppressions: this.suppressions },
      onFiring: async (trx, alert) => {
        await this.onFiring(trx, alert);
        this.fired.push(alert);
      },
      onResolved: async (trx, alert) => {
        await this.onResolved(trx, alert);
        this.resolved.push(alert);
      },
      onError: (alert, error) => this.errors.push(`${alert}: ${String(error)}`),
    });
  }

  /** What the collector remembers of itself is gone, as after a start. */
  forgetOwn(): void {
    this.numbers = undefined;
  }

  /** As above, with everything heard. */
  async tickHeard(seconds = 0): Promise<TickCounts> {
    this.now += seconds * 1000;
    await this.hear();
    return this.tick();
  }

  async alerts(rule: string, condition = ''): Promise<AlertRow[]> {
    return this.store
      .selectFrom('alert')
      .selectAll()
      .where('rule', '=', rule)
      .where('condition', '=', condition)
      .orderBy('first_true_at')
      .execute();
  }

  /** Work while a table cannot be read. */
  async without(table: string, work: () => Promise<void>): Promise<void> {
    const rename = (from: string, to: string) =>
      sql`ALTER TABLE ${sql.table(from)} RENAME TO ${sql.table(to)}`.execute(this.store);
    await rename(table, `${table}_away`);
    await work();
    await rename(`${table}_away`, table);
  }
}

/** An alert as Alertmanager sends it. */
export function externalAlert(status: 'firing' | 'resolved', changes: object = {}) {
  return {
    ...{ status, startsAt: '2026-03-02T10:00:00.123456789Z', endsAt: '0001-01-01T00:00:00Z' },
    labels: { alertname: 'DiskWillFill', severity: 'critical', instance: 'db-1:9100' },
    annotations: { summary: 'The disk of db-1 will be full', runbook_url: 'https://example.org/disk' },
    ...{ generatorURL: 'http://prometheus/graph', fingerprint: 'b4b1e0c1d5a4f3a2', ...changes },
  };
}
