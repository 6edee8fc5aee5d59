import { isDeepStrictEqual } from 'node:util';
import { slugSchema } from '@headcount/shared';
import { z } from 'zod';
import { recorded } from '../audit-log/audit-log.js';
import { askForRebuild } from '../counts/rollups.js';
import { desiredOf, putDesired } from '../fleet/desired.js';
import { addGateway } from '../fleet/fleet.js';
import { changeSite, sitesOf } from '../fleet/sites.js';
import {
  closingTimeSchema,
  closuresSchema,
  openingHoursSchema,
  timeZoneSchema,
  type OpeningHours,
} from '../schema/sites.js';
import type { Queryable, Store } from '../store/store.js';

const siteSchema = z.strictObject({
  timeZone: timeZoneSchema,
  closingTime: closingTimeSchema.nullable().default(null),
  openingHours: openingHoursSchema.nullable().default(null),
  closures: closuresSchema.default([]),
});

const gatewaySchema = z.strictObject({
  site: slugSchema,
  settings: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('desired configuration, laid over the file on the gateway; left out: the file alone'),
});

/** The fleet as a file says it. */
export const fleetFileSchema = z.strictObject({
  sites: z.record(slugSchema, siteSchema).default({}),
  gateways: z.record(slugSchema, gatewaySchema).default({}),
});

export type FleetFile = z.infer<typeof fleetFileSchema>;

/** One thing that is not as the file says: how to show it, and how to mend it. */
export interface FleetStep {
  /** "+ gateway lobby (site hq)" for what is new, "~ site hq: closing time none -> 22:00" for what changes. */
  readonly text: string;
  readonly run: () => Promise<unknown>;
}

/** Who applies, and when (UTC ms). */
export interface ApplyContext {
  readonly author: string;
  readonly now: number;
}

/** What is, in the form of the file; names in their order. */
export async function exportFleet(store: Store): Promise<FleetFile> {
  const gateways = await store.selectFrom('gateway').select(['name', 'site']).orderBy('name').execute();
  const file: FleetFile = { sites: {}, gateways: {} };
  for (const { name, closures, ...site } of await sitesOf(store))
    file.sites[name] = { ...site, closures: [...closures] };
  for (const { name, site } of gateways) {
    const desired = await desiredOf(store, name);
    file.gateways[name] = { site, ...(desired !== undefined && { settings: desired.settings }) };
  }
  return file;
}

/**
 * The steps from what is to what the file says, sites first; none where all is as it says.
 * @param problem called for a gateway whose site nobody knows
 */
export async function planFleet(
  store: Store,
  file: FleetFile,
  { author, now }: ApplyContext,
  problem: (text: string) => void,
): Promise<FleetStep[]> {
  const is = await exportFleet(store);
  const steps: FleetStep[] = [];
  const step: AddStep = (text, object, change) => {
    const entry = { actor: author, address: 'local', action: 'fleet.apply', object, detail: text };
    steps.push({ text, run: async () => recorded(store, entry, now, change) });
  };
  for (const [name, wanted] of Object.entries(file.sites)) siteSteps({ is, now, step }, name, wanted);
  for (const [name, { site, settings }] of Object.entries(file.gateways)) {
    if (!(site in is.sites) && !(site in file.sites))
      problem(`gateways.${name}.site: there is no site "${site}"; name it under "sites"`);
    const known = is.gateways[name];
    if (known === undefined)
      step(`+ gateway ${name} (site ${site}); it enrols with: gateway enroll-code ${name}`, name, (trx) =>
        addGateway(trx, { name, site, timeZone: undefined }, { defaultTimeZone: 'UTC', now }),
      );
    else if (known.site !== site)
      step(`~ gateway ${name}: site ${known.site} -> ${site}`, name, (trx) =>
        moveGateway(trx, { name, site }, now),
      );
    if (settings !== undefined && !isDeepStrictEqual(settings, known?.settings))
      step(`~ gateway ${name}: desired configuration`, name, (trx) =>
        putDesired(trx, name, { settings, author, at: now }),
      );
  }
  return steps;
}

/** @param change made together with its entry of the audit log */
type AddStep = (text: string, object: string, change: (trx: Queryable) => Promise<unknown>) => void;

interface SiteContext {
  readonly is: FleetFile;
  readonly now: number;
  readonly step: AddStep;
}

function siteSteps({ is, now, step }: SiteContext, name: string, wanted: FleetFile['sites'][string]): void {
  const known = is.sites[name];
  const { timeZone, ...times } = wanted;
  if (known === undefined) {
    step(`+ site ${name} (${timeZone})`, name, async (trx) => {
      await trx.insertInto('site').values({ name, time_zone: timeZone }).execute();
      await changeSite(trx, name, times);
    });
    return;
  }
  if (known.timeZone !== timeZone)
    step(`~ site ${name}: time zone ${known.timeZone} -> ${timeZone}`, name, async (trx) => {
      await trx.updateTable('site').set({ time_zone: timeZone }).where('name', '=', name).execute();
      await askForRebuild(trx, name, now);
    });
  const changed = (field: keyof typeof times, text: string) => {
    if (isDeepStrictEqual(known[field], times[field])) return;
    step(`~ site ${name}: ${text}`, name, (trx) => changeSite(trx, name, { [field]: times[field] }));
  };
  changed('closingTime', `closing time ${known.closingTime ?? 'none'} -> ${times.closingTime ?? 'none'}`);
  changed(
    'openingHours',
    `opening hours ${hoursText(known.openingHours)} -> ${hoursText(times.openingHours)}`,
  );
  changed('closures', `closures ${known.closures.length} -> ${times.closures.length}`);
}

/** Opening hours on one line. */
function hoursText(hours: OpeningHours | null): string {
  if (hours === null) return 'none';
  return Object.entries(hours)
    .map(([day, time]) => `${day} ${time}`)
    .join('; ');
}

/** The other site may be in another time zone: the hours and days of the gateway are made anew. */
async function moveGateway(
  trx: Queryable,
  { name, site }: { name: string; site: string },
  now: number,
): Promise<void> {
  await trx.updateTable('gateway').set({ site }).where('name', '=', name).execute();
  await askForRebuild(trx, site, now);
}
