import { addGateway, setClosingTime } from '../../../collector/src/fleet/fleet.js';
import { openStore } from '../../../collector/src/store/store.js';
import type { PlannedGateway } from './plan.js';

/** Nobody is inside a shop, a station or a campus at that time of its clock. */
const CLOSING = '03:00';

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
    for (const site of new Set(plan.map((gateway) => gateway.site)))
      await setClosingTime(store, site, CLOSING);
    return passwords;
  } finally {
    await store.destroy();
  }
}
