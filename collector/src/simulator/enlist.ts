import { addGateway } from '../fleet/fleet.js';
import { changeSite } from '../fleet/sites.js';
import { WEEKDAYS } from '../schema/sites.js';
import { openStore } from '../store/store.js';
import type { PlannedGateway } from './plan.js';

/** Nobody is inside a shop, a station or a campus at that closing time. */
const HOURS = Object.fromEntries(WEEKDAYS.map((day) => [day, '06:00-23:00']));
const TIMES = { closingTime: '03:00', openingHours: HOURS };

/**
 * Add the gateways of a plan to a collector's database, beside the collector that may be running on it.
 * @param place a SQLite file, or the URL of a PostgreSQL database
 * @returns passwords by gateway name
 */
export async function enlist(place: string, plan: readonly PlannedGateway[]): Promise<Map<string, string>> {
  const store = await openStore(place);
  try {
    const passwords = new Map<string, string>();
    for (const { name, site, timeZone } of plan) {
      const context = { defaultTimeZone: timeZone, now: Date.now() };
      passwords.set(name, await addGateway(store, { name, site, timeZone }, context));
    }
    for (const site of new Set(plan.map((gateway) => gateway.site))) await changeSite(store, site, TIMES);
    return passwords;
  } finally {
    await store.destroy();
  }
}
