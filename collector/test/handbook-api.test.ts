import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { AlertRef } from '../src/alerts/rows.js';
import { Handbook } from '../src/handbook/handbook.js';
import { attachAlert } from '../src/incidents/from-alerts.js';
import { handbookListSchema, handbookPageSchema } from '../src/schema/handbook.js';
import { incidentDetailSchema } from '../src/schema/incidents.js';
import { inTransaction } from '../src/store/store.js';
import { startCollector } from './_util/collector.js';

const FOLDER = fileURLToPath(new URL('../handbook', import.meta.url));

test('the handbook is listed, searched with and without accents, and read in both languages', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  const list = async (query: string) =>
    handbookListSchema.parse(await (await collector.get(`/api/v1/handbook?${query}`, cookie)).json()).pages;
  const all = await list('');
  expect(all[0]).toEqual({
    ...{
      slug: 'gateway-offline',
      kind: 'runbook',
      part: 'gateways',
      title: 'Gateway offline',
      excerpt: null,
    },
  });
  const frozen = await list('q=FROZEN');
  expect(frozen[0]?.slug).toBe('camera-frozen');
  expect(frozen.length).toBeLessThan(all.length);
  expect((await list('language=vi&q=dong%20ho%20gateway'))[0]?.slug).toBe('clock-skew');
  expect(await list('q=nobody-writes-this')).toEqual([]);
  const read = await collector.get('/api/v1/handbook/clock-skew?language=vi', cookie);
  expect(handbookPageSchema.parse(await read.json())).toMatchObject({
    markdown: expect.stringContaining('## Chẩn đoán') as string,
    rules: [{ slug: 'gateway-clock-skew', title: 'Đồng hồ gateway sai' }],
  });
  const none = await collector.get('/api/v1/handbook/no-such-page', cookie);
  expect([none.status, await none.text()]).toEqual([
    404,
    expect.stringContaining('no page \\"no-such-page\\"'),
  ]);
});

test('an incident gets the steps of its runbook in both languages', async () => {
  const collector = await startCollector();
  const { stepsOf } = Handbook.read(FOLDER);
  expect(stepsOf('no-such-page')).toEqual([]);
  const steps = stepsOf('camera-offline');
  const now = Date.now();
  const alert: AlertRef = {
    ...{ id: 'a1', ruleSlug: 'camera-offline', groupKey: 'site:main', firedAt: now, severity: 'high' },
    asset: { kind: 'camera', path: 'main/lobby/door', name: 'Door' },
    title: { en: 'Camera offline', vi: 'Camera mất hình' },
    ...{ suppressedBy: [], runbook: 'camera-offline' },
  };
  await collector.withStore((store) => inTransaction(store, (trx) => attachAlert(trx, alert, now, stepsOf)));
  const answer = await collector.get('/api/v1/incidents/INC-1', await collector.logIn());
  const incident = incidentDetailSchema.parse(await answer.json());
  expect(incident.steps.map(({ text }) => text)).toEqual(steps);
  expect(steps.length).toBeGreaterThan(4);
  for (const { en, vi } of steps) expect(en).not.toBe(vi);
});
