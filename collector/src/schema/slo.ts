import { slugSchema } from '@headcount/shared';
import { z } from 'zod';

const number = z.int().min(0);
const share = z.number().min(0).max(1);

export const sloSchema = z.object({
  id: z.enum(['api-latency', 'api-errors', 'collector-uptime', 'camera-uptime']),
  target: share.describe('share of what should be good'),
  unit: z.enum(['answers', 'ms']).describe('of good, bad, unknown and maintenance'),
  since: z
    .int()
    .nullable()
    .describe('when the numbers begin within the window, UTC ms; null while there are none'),
  good: number,
  bad: number,
  unknown: number,
  maintenance: number,
  goodShare: share.nullable().describe('good / (good + bad); null while both are 0'),
  coverage: share.nullable().describe('(good + bad) / all'),
  met: z.boolean().nullable().describe('whether the promise is kept; null while nothing is known'),
  budget: z
    .object({
      share: z.number().describe('1 for all of it, below 0 for a promise that is broken'),
      minutes: z.number().describe('of total failure that the window still bears'),
    })
    .nullable(),
  burn: z.array(
    z.object({
      hours: z.number().describe('over which the rate is looked at'),
      rate: z.number().nullable().describe('1 spends the budget just within the window'),
      factor: z.number().describe('a rate from which on somebody should act'),
      fast: z.boolean().describe('the rate has reached the factor'),
    }),
  ),
  cameras: z
    .object({
      known: number.describe('cameras of which something is known'),
      missed: number.describe('cameras below the target'),
      worst: z
        .array(
          z.object({
            ...{ gateway: slugSchema, id: slugSchema, name: z.string(), availability: share },
            budgetMinutes: z.number(),
          }),
        )
        .describe('those below the target, the worst first; at most 20'),
    })
    .nullable()
    .describe('of the promise that every camera keeps by itself'),
});

export const slosSchema = z.object({
  from: z.int().describe('start of the window, UTC ms'),
  to: z.int().describe('UTC ms'),
  windowDays: z.number(),
  slos: z.array(sloSchema),
});

export type Slo = z.infer<typeof sloSchema>;
export type SlosAnswer = z.infer<typeof slosSchema>;
