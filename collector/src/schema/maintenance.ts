import { slugSchema } from '@headcount/shared';
import { z } from 'zod';
import { timeZoneSchema } from './sites.js';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const kind = z
  .enum(['planned', 'emergency'])
  .describe('an emergency may have begun up to an hour ago, anything else begins from now on');

const effect = z
  .enum(['create', 'page'])
  .describe('create: no incident is opened; page: incidents are opened, and nobody is paged');
const reason = z.string().trim().min(3).max(500).describe('what is done, for whoever reads it later');

const common = {
  start: utcMs,
  end: utcMs.describe('after the start, at most 7 days later; more than 24 hours need an approval'),
  reason,
  kind: kind.default('planned'),
  effect: effect.default('create'),
};

/** A window to be made: of a site with all that is in it, of a gateway with its cameras, or of one camera. */
export const newWindowSchema = z.discriminatedUnion('scope', [
  z.object({ scope: z.literal('site'), site: slugSchema, ...common }),
  z.object({ scope: z.literal('gateway'), gateway: slugSchema, ...common }),
  z.object({ scope: z.literal('camera'), gateway: slugSchema, camera: slugSchema, ...common }),
]);

/** The part of RFC 5545 that people plan with; the rest would only hide how often something comes. */
const RULE =
  /^FREQ=(DAILY(;INTERVAL=[1-9]\d?)?|WEEKLY(;INTERVAL=[1-9]\d?)?(;BYDAY=(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU))*)?|MONTHLY(;INTERVAL=[1-9]\d?)?(;BYDAY=(-1|[1-5])(MO|TU|WE|TH|FR|SA|SU)|;BYMONTHDAY=(-1|[1-9]|[12]\d|3[01]))?)(;UNTIL=\d{8})?$/;

const repeated = {
  rule: z
    .string()
    .max(200)
    .regex(
      RULE,
      'must be FREQ=DAILY, FREQ=WEEKLY or FREQ=MONTHLY; then as needed ;INTERVAL=2, ;BYDAY=MO,TH (of months ;BYDAY=1SU or ;BYMONTHDAY=15) and ;UNTIL=20261231, in this order',
    )
    .describe('RRULE of RFC 5545 without its start, such as FREQ=WEEKLY;BYDAY=SU; UNTIL is the last day'),
  timeZone: timeZoneSchema.describe('IANA time zone of the wall clock'),
  start: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/, 'must be a time of the wall clock such as 2026-03-02T01:00')
    .refine((text) => !Number.isNaN(Date.parse(`${text}Z`)), 'there is no such day or time')
    .describe('first time on the wall clock; where the clock jumps over it, it begins when it has jumped'),
  durationMs: z
    .int()
    .min(60_000)
    .max(86_400_000, 'at most 24 hours; plan what is longer each time, because it is approved each time'),
  reason,
  effect: effect.default('create'),
};

/** A window that comes again. */
export const newSeriesSchema = z.discriminatedUnion('scope', [
  z.object({ scope: z.literal('site'), site: slugSchema, ...repeated }),
  z.object({ scope: z.literal('gateway'), gateway: slugSchema, ...repeated }),
  z.object({ scope: z.literal('camera'), gateway: slugSchema, camera: slugSchema, ...repeated }),
]);

export const seriesSchema = z.object({
  series: z.array(
    z.object({
      id: z.uuid(),
      scope: z.enum(['site', 'gateway', 'camera']),
      site: slugSchema,
      gateway: slugSchema.nullable(),
      camera: slugSchema.nullable(),
      ...repeated,
      rule: z.string(),
      timeZone: z.string(),
      effect,
      next: utcMs.nullable().describe('when the next one begins; null when none does within 90 days'),
      author: z.string().describe('who made it or changed it last'),
      createdAt: utcMs,
    }),
  ),
});

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
  effect,
  approval: z
    .enum(['none', 'waiting', 'approved'])
    .describe('waiting: it has no effect yet; an emergency that waits counts for its first 24 hours'),
  approver: z.string().nullable(),
  series: z.uuid().nullable().describe('the series that it is one of'),
  announcedAt: utcMs.nullable().describe('when the channels were told of it beforehand'),
  cancelledAt: utcMs.nullable().describe('when it was taken back after that'),
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
export type NewSeries = z.infer<typeof newSeriesSchema>;
export type MaintenanceSeries = z.infer<typeof seriesSchema>['series'][number];
