import { CAMERA_CAUSES, CAMERA_STATES, slugSchema } from '@headcount/shared';
import { z } from 'zod';
import { tally } from './counts.js';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const count = z.int().min(0);

/** RFC 9457 problem details: the only shape in which this API reports an error. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('what is wrong and how to mend it'),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** Presence of a gateway; `never-seen` was added but has not connected yet. */
export const GATEWAY_STATUSES = ['online', 'stopped', 'offline', 'never-seen'] as const;

export const gatewaySchema = z.object({
  name: slugSchema,
  site: z.object({ name: slugSchema, timeZone: z.string().describe('IANA time zone') }),
  status: z.enum(GATEWAY_STATUSES),
  since: utcMs.nullable(),
  lastSeenAt: utcMs.nullable().describe('last message of any kind'),
  version: z.string().nullable(),
  cameras: count.describe('cameras of the last birth message'),
  certificateExpiresAt: utcMs
    .nullable()
    .describe('end of the newest certificate in force; null for a gateway that logs in with a password'),
  host: z
    .object({
      at: utcMs,
      cpuPercent: z.number(),
      memoryPercent: z.number(),
      diskPercent: z.number().nullable(),
      temperatureCelsius: z.number().nullable(),
      outboxRecords: count,
    })
    .nullable(),
});

export const gatewaysSchema = z.object({ gateways: z.array(gatewaySchema) });

export const lineTodaySchema = z.object({
  id: slugSchema,
  name: z.string(),
  directions: z.object({ in: z.string(), out: z.string() }).describe('what people call them'),
  stitched: count.describe('crossings that rest on two tracks taken for one person'),
  ...tally,
});

export const cameraSchema = z.object({
  gateway: slugSchema,
  id: slugSchema,
  name: z.string(),
  site: slugSchema,
  timeZone: z.string(),
  state: z.enum([...CAMERA_STATES, 'unknown']).describe('unknown while the gateway is not online'),
  cause: z.enum(CAMERA_CAUSES).nullable(),
  since: utcMs.nullable(),
  today: z
    .object({ from: utcMs.describe('start of the site day'), lines: z.array(lineTodaySchema) })
    .describe('counts of the site day so far, from intervals that the collector has stored'),
});

export const camerasSchema = z.object({ cameras: z.array(cameraSchema) });

/** Server-sent events of `GET /api/v1/live`: the event's name is `type`, its data the rest as JSON. */
export const liveEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('gateway'), gateway: slugSchema, status: z.enum(GATEWAY_STATUSES), at: utcMs }),
  z.object({
    type: z.literal('camera'),
    gateway: slugSchema,
    camera: slugSchema,
    state: z.enum([...CAMERA_STATES, 'unknown']),
    cause: z.enum(CAMERA_CAUSES).nullable(),
    at: utcMs,
  }),
  z.object({ type: z.literal('incident'), incident: z.string(), at: utcMs }),
  z.object({
    type: z.literal('counts'),
    gateway: slugSchema,
    camera: slugSchema,
    line: slugSchema,
    start: utcMs,
  }),
  z.object({
    type: z.literal('live'),
    gateway: slugSchema,
    camera: slugSchema,
    at: utcMs,
    fps: z.number(),
    inView: count,
    lines: z.array(
      z.object({
        id: slugSchema,
        pending: z.object({ in: count, out: count }).describe('not yet in the stored counts'),
      }),
    ),
    zones: z.array(z.object({ id: slugSchema, occupancy: count, queue: count, over: z.boolean() })),
    crossings: z.array(z.object({ at: utcMs, line: slugSchema, direction: z.enum(['in', 'out']) })),
  }),
]);

export const siteOccupancySchema = z.object({
  site: slugSchema,
  timeZone: z.string(),
  closingTime: z.string().nullable(),
  missing: z.enum(['no-closing-time', 'no-entrance']).nullable().describe('why there is no number'),
  occupancy: z
    .object({
      now: count.describe('people, in minus out since the last closing hour, never below zero'),
      since: utcMs,
      completeness: z.number().min(0).max(1).nullable().describe('observed share of the time since then'),
      days: z.array(
        z.object({
          from: utcMs,
          to: utcMs,
          in: count,
          out: count,
          drift: z.int().nullable().describe('in minus out at closing; null for the day that goes on'),
        }),
      ),
      curve: z
        .array(z.object({ at: utcMs, people: z.number().min(0) }))
        .describe(
          'in steps of 15 minutes with crossings; closed days with their drift spread over the crossings',
        ),
    })
    .nullable(),
});

export const zonesTodaySchema = z.object({
  zones: z.array(
    z.object({
      gateway: slugSchema,
      camera: slugSchema,
      id: slugSchema,
      name: z.string(),
      capacity: z.int().nullable(),
      from: utcMs.describe('start of the site day'),
      entries: count,
      exits: count,
      occupancyMax: count.nullable().describe('most people at once; null when nothing was observed'),
      queueMax: count.nullable(),
      meanDwellMs: z.number().nullable().describe('of the visits seen from their beginning to their end'),
      observedMs: count,
    }),
  ),
});

export type SiteOccupancyAnswer = z.infer<typeof siteOccupancySchema>;
export type ZoneToday = z.infer<typeof zonesTodaySchema>['zones'][number];
export type Problem = z.infer<typeof problemSchema>;
export type Gateway = z.infer<typeof gatewaySchema>;
export type Camera = z.infer<typeof cameraSchema>;
export type LiveEvent = z.infer<typeof liveEventSchema>;
