import { isDeepStrictEqual } from 'node:util';
import { slugSchema } from '@headcount/shared';
import { z } from 'zod';
import { recorded } from '../audit-log/audit-log.js';
import { isTimeZone } from '../config/config.js';
import { askForRebuild } from '../counts/rollups.js';
import { desiredOf, putDesired } from '../fleet/desired.js';
import { addGateway, setClosingTime } from '../fleet/fleet.js';
import type { Queryable, Store } from '../store/store.js';

const siteSchema = z.strictObject({
  timeZone: z
    .string()
    .refine(isTimeZone, 'is no time zone of the IANA database; write one such as Asia/Ho_Chi_Minh'),
  closingTime: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM, such as 22:00, or null for a site that never closes')
    .nullable()
    .default(null),
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
  const sites = await store.selectFrom('site').selectAll().orderBy('name').execute();
  const gateways = await store.selectFrom('gateway').select(['name', 'site']).orderBy('name').execute();
  const file: FleetFile = { sites: {}, gateways: {} };
  for (const { name, time_zone: timeZone, closing_time: closingTime } of sites)
    file.sites[name] = { timeZone, closingTime };
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

function siteSteps(
  { is, now, step }: SiteContext,
  name: string,
  { timeZone, closingTime }: FleetFile['sites'][string],
): void {
  const known = is.sites[name];
  if (known === undefined) {
    step(`+ site ${name} (${timeZone})`, name, (trx) =>
      trx.insertInto('site').values({ name, time_zone: timeZone, closing_time: closingTime }).execute(),
    );
    return;
  }
  if (known.timeZone !== timeZone)
    step(`~ site ${name}: time zone ${known.timeZone} -> ${timeZone}`, name, async (trx) => {
      await trx.updateTable('site').set({ time_zone: timeZone }).where('name', '=', name).execute();
      await askForRebuild(trx, name, now);
    });
  if (known.closingTime !== closingTime)
    step(
      `~ site ${name}: closing time ${known.closingTime ?? 'none'} -> ${closingTime ?? 'none'}`,
      name,
      (trx) => setClosingTime(trx, name, closingTime),
    );
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
