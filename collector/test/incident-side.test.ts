/** Open pages hear of an incident when what they read then is there: after the transaction. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { AlertRef } from '../src/alerts/rows.js';
import { Membership } from '../src/cluster/membership.js';
import { storePlace } from '../src/config/config.js';
import { Handbook } from '../src/handbook/handbook.js';
import { IncidentSide } from '../src/incident-side.js';
import { Live } from '../src/live/live.js';
import { answer } from '../src/notify/answers.js';
import { queueNotification } from '../src/notify/outbox.js';
import { Vault } from '../src/security/vault.js';
import { inTransaction, openStore } from '../src/store/store.js';
import { TestCollector } from './_util/collector.js';
import { LogBook } from './_util/logs.js';

const NOW = Date.parse('2026-03-02T10:00Z');

/** The incident side on a database, and a page that reads the database anew, beside it, whenever it hears of an incident. */
async function withPage() {
  const { config } = new TestCollector({});
  const store = await openStore(storePlace(config));
  const { logger } = new LogBook();
  const reader = new Database(storePlace(config), { readonly: true });
  const seen: unknown[] = [];
  const now = () => NOW;
  const live = new Live({
    onlineGateways: () => Promise.resolve([]),
    sendCommand: () => Promise.resolve(),
    ...{ now, logger },
  });
  const send = (event: { type: string; incident?: string }) => {
    const of =
      'from incident join incident_alert on incident_alert.incident = incident.id where incident.id = ?';
    seen.push(reader.prepare(`select status, incident_alert.resolved_at ${of}`).get(event.incident));
    return 0;
  };
  live.watch({ send, close: () => undefined });
  const membership = new Membership({ store, shared: false, now, logger });
  const vault = Vault.open(config.dataDir);
  const handbook = Handbook.read(fileURLToPath(new URL('../handbook', import.meta.url)));
  const side = new IncidentSide({ ...{ store, vault, config, handbook, membership, live }, now, logger });
  onTestFinished(async () => {
    live.stop();
    reader.close();
    await store.destroy();
    rmSync(config.dataDir, { recursive: true, force: true });
  });
  return { store, side, seen };
}

const alert: AlertRef = {
  ...{ id: 'a1', ruleSlug: 'camera-offline', severity: 'high', groupKey: 'site:shop' },
  ...{ firedAt: NOW, since: NOW - 120_000, suppressedBy: [], runbook: 'camera-offline' },
  asset: { kind: 'camera', path: 'shop/lobby/door', name: 'Front door' },
  title: { en: 'Camera offline', vi: 'Camera mất hình' },
};

test('a page that hears of an incident reads what has happened: opened, answered, alert over', async () => {
  const { store, side, seen } = await withPage();
  await inTransaction(store, (trx) => side.fires(trx, alert));
  side.tellPages();
  expect(seen).toEqual([{ status: 'triggered', resolved_at: null }]);

  const contact = { id: 'c1', kind: 'email', address: 'lan@example.com', language: 'en' } as const;
  const data = { number: 1, title: alert.title, site: 'shop', since: NOW, timeZone: 'UTC', runbook: '' };
  const page = { incident: 'INC-1', contact, fallbacks: [], step: 0, loop: 0, kind: 'page' } as const;
  const deadlineAt = NOW + 60_000;
  const id = await queueNotification(store, { ...page, severity: 'high', data, deadlineAt }, NOW);
  const press = () => answer(side.notifySide(), id, { action: 'ack', user: 'lan', from: '127.0.0.1' });
  expect(await press()).toBe('done');
  expect(await press()).toBe('already');
  expect(seen.splice(1)).toEqual([{ status: 'acknowledged', resolved_at: null }]);

  await inTransaction(store, (trx) => side.resolves(trx, alert));
  side.tellPages();
  expect(seen.splice(1)).toEqual([{ status: 'acknowledged', resolved_at: NOW }]);
  // Nothing has changed since.
  await inTransaction(store, (trx) => side.resolves(trx, alert));
  side.tellPages();
  expect(seen.splice(1)).toEqual([]);
  const { since_at, started_at } = await store.selectFrom('incident').selectAll().executeTakeFirstOrThrow();
  // It took two minutes to be noticed.
  expect([since_at, started_at]).toEqual([NOW - 120_000, NOW]);
});
