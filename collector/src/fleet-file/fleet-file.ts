import { slugSchema } from '@headcount/shared';
import { z } from 'zod';
import { newestDesired } from '../fleet/desired.js';
import { cameraPresets, isBuiltIn } from '../fleet/presets.js';
import { sitesOf } from '../fleet/sites.js';
import { presetBodySchema } from '../schema/presets.js';
import { closingTimeSchema, closuresSchema, openingHoursSchema, timeZoneSchema } from '../schema/sites.js';
import type { Store } from '../store/store.js';

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
  presets: z.record(slugSchema, presetBodySchema).default({}).describe('camera presets of your own'),
  sites: z.record(slugSchema, siteSchema).default({}),
  gateways: z.record(slugSchema, gatewaySchema).default({}),
});

export type FleetFile = z.infer<typeof fleetFileSchema>;

/** What is, in the form of the file; names in their order. */
export async function exportFleet(store: Store): Promise<FleetFile> {
  const file: FleetFile = { presets: {}, sites: {}, gateways: {} };
  for (const { name, ...preset } of (await cameraPresets(store)).values())
    if (!isBuiltIn(name)) file.presets[name] = preset;
  for (const { name, closures, ...site } of await sitesOf(store))
    file.sites[name] = { ...site, closures: [...closures] };
  const gateways = await store.selectFrom('gateway').select(['name', 'site']).orderBy('name').execute();
  for (const { name, site } of gateways) file.gateways[name] = { site };
  for (const { gateway, settings } of await newestDesired(store)) {
    const known = file.gateways[gateway];
    if (known !== undefined) known.settings = settings;
  }
  return file;
}
