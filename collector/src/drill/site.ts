import { addGateway } from '../fleet/fleet.js';
import type { PlannedGateway } from '../simulator/plan.js';
import type { Queryable } from '../store/store.js';
import type { Tables } from '../store/tables.js';
import type { Scenario } from './scenarios.js';

/** What may point to a gateway, in an order in which it can go. */
const OF_GATEWAYS = [
  ...(['camera', 'line', 'zone', 'camera_edge', 'scene_edge', 'host_sample', 'gateway_event'] as const),
  ...(['ingest_cursor', 'seq_hole', 'dead_letter', 'desired_config', 'reported_config'] as const),
  ...(['gateway_certificate', 'enrolment_code', 'rollup_rebuild', 'late_quarter'] as const),
  ...(['rollout_gateway', 'maintenance_window'] as const),
] satisfies (keyof Tables)[];

/** The fleet of a drill: nobody passes its cameras, so that there is nothing to count. */
export function planDrill(
  { gateways, cameras }: Pick<Scenario, 'gateways' | 'cameras'>,
  place: { site: string; timeZone: string },
): PlannedGateway[] {
  return Array.from({ length: gateways }, (_gateway, index) => ({
    ...{ ...place, name: `${place.site}-${index + 1}`, profile: null },
    cameras: Array.from({ length: cameras }, (_camera, number) => ({
      ...{ id: `cam-${number + 1}`, name: `Drill camera ${number + 1}` },
    })),
  }));
}

/** @returns passwords by gateway name */
export async function enrolDrill(
  trx: Queryable,
  plan: readonly PlannedGateway[],
  now: number,
): Promise<Map<string, string>> {
  const passwords = new Map<string, string>();
  for (const { name, site, timeZone } of plan) {
    const password = await addGateway(trx, { name, site, timeZone }, { defaultTimeZone: timeZone, now });
    passwords.set(name, password);
  }
  return passwords;
}

/** Take a drill's site away with everything that its gateways sent. */
export async function removeDrillSite(trx: Queryable, site: string): Promise<void> {
  const gateways = trx.selectFrom('gateway').select('name').where('site', '=', site);
  for (const table of OF_GATEWAYS) await trx.deleteFrom(table).where('gateway', 'in', gateways).execute();
  await trx.deleteFrom('maintenance_window').where('site', '=', site).execute();
  await trx.deleteFrom('gateway').where('site', '=', site).execute();
  await trx.deleteFrom('site').where('name', '=', site).execute();
}
