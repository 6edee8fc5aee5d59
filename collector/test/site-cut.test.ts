import { expect, test, vi } from 'vitest';
import { storePlace } from '../src/config/config.js';
import { alertsSchema } from '../src/schema/alerts.js';
import { incidentDetailSchema, incidentListSchema } from '../src/schema/incidents.js';
import { enlist } from '../src/simulator/enlist.js';
import { SimulatedFleet } from '../src/simulator/fleet.js';
import type { PlannedGateway } from '../src/simulator/plan.js';
import { startCollector } from './_util/collector.js';
import { byMail, onCallByMail } from './_util/on-call.js';
import { TestSmtp } from './_util/smtp.js';
import { until } from './_util/until.js';

/** Time passes so much faster: minutes of silence are waited for in seconds, with every rule as it is by default. */
const FASTER = 5;
const GATEWAYS = 20;
const CAMERAS = 10;

function planSite(site: string, gateways: number): PlannedGateway[] {
  return Array.from({ length: gateways }, (_gateway, index) => ({
    ...{ name: `${site}-${index + 1}`, site, timeZone: 'Asia/Ho_Chi_Minh', profile: 'shop' as const },
    cameras: Array.from({ length: CAMERAS }, (_camera, number) => ({
      ...{ id: `cam-${number + 1}`, name: `Door ${number + 1}` },
    })),
  }));
}

test('a site with 200 cameras that is cut sends one page, named after the site', async () => {
  const began = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() =>
    Math.round(began + FASTER * (performance.timeOrigin + performance.now() - began)),
  );
  const smtp = await TestSmtp.start();
  const collector = await startCollector(byMail(smtp));
  await onCallByMail(collector, smtp, 'lan');
  const admin = await collector.logIn();
  // Another site goes on, or nothing would come in at all.
  const plan = [...planSite('ben-thanh', GATEWAYS), ...planSite('hoan-kiem', 2)];
  const passwords = await enlist(storePlace(collector.config), plan);
  const faults = { duplicates: 0, lostReceipts: 0 };
  const fleet = new SimulatedFleet({ url: collector.mqttUrl, plan, passwords, seed: 1, faults, batch: 100 });
  fleet.start();
  try {
    await until(
      () => (fleet.connected === plan.length && fleet.waiting === 0 ? true : undefined),
      'the fleet',
    );
    await Promise.all(
      fleet.gateways.filter((one) => one.plan.site === 'ben-thanh').map((gateway) => gateway.cut()),
    );
    const page = await smtp.inbox.next(60_000);
    expect(page.subject).toMatch(/^\[CRITICAL\] #1 ben-thanh: /);
    // Every gateway is known to be away: nobody is told, because the site explains it.
    const held = await until(
      async () => {
        const url = '/api/v1/alerts?rule=gateway-offline&asset=ben-thanh';
        const { alerts } = alertsSchema.parse(await (await collector.get(url, admin)).json());
        return alerts.length === GATEWAYS ? alerts : undefined;
      },
      'the alerts of the gateways',
      60_000,
    );
    const site = alertsSchema.parse(
      await (await collector.get('/api/v1/alerts?rule=site-uplink-down', admin)).json(),
    ).alerts;
    expect(site).toHaveLength(1);
    for (const { parent } of held) expect(parent).toBe(site[0]?.id);
    const { incidents } = incidentListSchema.parse(
      await (await collector.get('/api/v1/incidents', admin)).json(),
    );
    expect(incidents).toMatchObject([{ id: 'INC-1', severity: 'critical', asset: { path: 'ben-thanh' } }]);
    const detail = incidentDetailSchema.parse(
      await (await collector.get('/api/v1/incidents/INC-1', admin)).json(),
    );
    expect(site[0]?.incident).toBe('INC-1');
    expect(detail.alerts.map(({ rule, explains }) => [rule, explains.length])).toEqual([
      ['site-uplink-down', GATEWAYS],
    ]);
    expect(detail.impact).toMatchObject({ cameras: GATEWAYS * CAMERAS, camerasDark: GATEWAYS * CAMERAS });
    const pages = await collector.withStore((store) =>
      store.selectFrom('notification').select('id').where('kind', '=', 'page').execute(),
    );
    expect(pages).toHaveLength(1);
    expect(smtp.inbox.size).toBe(0);
  } finally {
    await fleet.stop();
    vi.restoreAllMocks();
  }
}, 120_000);
