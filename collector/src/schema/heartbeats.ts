import { slugSchema } from '@headcount/shared';
import { Cron } from 'croner';
import { z } from 'zod';
import { timeZoneSchema } from './sites.js';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const DAY_S = 24 * 3600;

/** What people define; the collector's own checks are of the kind `self-check`. */
const KINDS = ['backup', 'restore-check', 'procedure'] as const;

const cron = z
  .string()
  .max(100)
  .refine((text) => isCron(text), 'must be five fields of cron, such as "30 2 * * *"')
  .describe('minute, hour, day of the month, month, day of the week');

/** When work is due: so long after it was done last, or at wall-clock times. */
const scheduleSchema = z.union([
  z.object({
    everySeconds: z
      .int()
      .min(60)
      .max(400 * DAY_S),
  }),
  z.object({ cron, timeZone: timeZoneSchema }),
]);

export const heartbeatSchema = z.object({
  title: z.string().trim().min(1).max(100),
  kind: z.enum(KINDS).describe('says which rule looks at it'),
  schedule: scheduleSchema,
  graceSeconds: z
    .int()
    .min(0)
    .max(60 * DAY_S)
    .describe('how long it may take beyond the due time'),
  paused: z.boolean().default(false).describe('nothing is expected of it'),
});

export const heartbeatsSchema = z.object({
  heartbeats: z.array(
    heartbeatSchema.extend({
      slug: slugSchema,
      kind: z.enum([...KINDS, 'self-check']),
      state: z
        .enum(['new', 'up', 'late', 'down', 'paused'])
        .describe('new: never reported; late: a run is missing; down: the newest report is a failure'),
      missed: z.int().nullable().describe('runs that are missing, at most 3; null where none is expected'),
      dueAt: utcMs.nullable().describe('of the next run; it may be later by the grace'),
      lastStartAt: utcMs.nullable(),
      lastOkAt: utcMs.nullable(),
      failingSince: utcMs.nullable(),
      note: z.string().describe('of the newest report'),
    }),
  ),
});

export const heartbeatReportSchema = z.object({
  outcome: z.enum(['start', 'success', 'failure']),
  note: z
    .string()
    .trim()
    .max(400)
    .default('')
    .describe('such as bytes and checksum of a backup, or what was seen'),
});

export type Heartbeat = z.infer<typeof heartbeatSchema>;
export type HeartbeatAnswer = z.infer<typeof heartbeatsSchema>['heartbeats'][number];
export type HeartbeatReport = z.infer<typeof heartbeatReportSchema>;

function isCron(text: string): boolean {
  try {
    // Also refuses a day that never comes, such as 30 February.
    return new Cron(text, { mode: '5-part' }).nextRun() !== null;
  } catch {
    return false;
  }
}
