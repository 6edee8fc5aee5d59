import { slugSchema } from '@headcount/shared';
import { z } from 'zod';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const kind = z
  .enum(['planned', 'emergency'])
  .describe('an emergency may have begun up to an hour ago, anything else begins from now on');

const common = {
  start: utcMs,
  end: utcMs.describe('after the start, at most 7 days later'),
  reason: z.string().trim().min(3).max(500).describe('what is done, for whoever reads it later'),
  kind: kind.default('planned'),
};

/** A window to be made: of a site with all that is in it, of a gateway with its cameras, or of one camera. */
export const newWindowSchema = z.discriminatedUnion('scope', [
  z.object({ scope: z.literal('site'), site: slugSchema, ...common }),
  z.object({ scope: z.literal('gateway'), gateway: slugSchema, ...common }),
  z.object({ scope: z.literal('camera'), gateway: slugSchema, camera: slugSchema, ...common }),
]);

export const maintenanceWindowSchema = z.object({
  id: z.uuid(),
  scope: z.enum(['site', 'gateway', 'camera']),
  site: slugSchema,
  gateway: slugSchema.nullable().describe('null for a whole site'),
  camera: slugSchema.nullable().describe('null for a whole site or gateway'),
  timeZone: z.string().describe('IANA time zone of the site'),
  start: utcMs,
  end: utcMs.describe('as planned'),
  endedEarlyAt: utcMs.nullable(),
  reason: z.string(),
  kind,
  author: z.string(),
  createdAt: utcMs,
});

export const windowsQuerySchema = z.object({
  open: z.stringbool().optional().describe('true for windows that have not ended, false for those that have'),
  cursor: z.string().max(200).optional().describe('"next" of the answer before'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const windowsSchema = z.object({
  windows: z.array(maintenanceWindowSchema).describe('the one that begins last comes first'),
  next: z.string().nullable().describe('cursor of the next page; null on the last one'),
});

export type NewWindow = z.infer<typeof newWindowSchema>;
export type MaintenanceWindow = z.infer<typeof maintenanceWindowSchema>;
