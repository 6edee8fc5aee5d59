import { slugSchema } from '@headcount/shared';
import { z } from 'zod';
import { differencesSchema, settingsSchema } from './remote.js';
import { ROLLOUT_GATEWAY_STATES, ROLLOUT_STATES } from './rollout-words.js';

const utcMs = z.int().describe('UTC milliseconds since 1970');

export const startRolloutSchema = z.strictObject({
  title: z.string().trim().min(1).max(100).describe('for people: what changes and why'),
  site: slugSchema.optional().describe('only gateways of this site'),
  gateways: z.array(slugSchema).min(1).max(5000).optional().describe('only these; all where it is left out'),
  patch: settingsSchema
    .default({})
    .describe(
      'laid over the desired configuration of each gateway: null takes a field away, camera id "*" means each of its cameras; {} sends presets as they are today',
    ),
  canaries: z.int().min(1).max(100).default(1).describe('gateways that get it first'),
  soakMinutes: z
    .int()
    .min(0)
    .max(7 * 24 * 60)
    .default(10)
    .describe(
      'how long these must run well before the rest follows, after the ten minutes that each tries it',
    ),
  dryRun: z.boolean().default(false).describe('only say what would change'),
});

export const rolloutPlanSchema = z.object({
  id: z.uuid().nullable().describe('null for a dry run'),
  gateways: z.array(z.object({ gateway: slugSchema, canary: z.boolean(), changes: differencesSchema })),
});

const rolloutSchema = z.object({
  id: z.uuid(),
  title: z.string(),
  state: z
    .enum(ROLLOUT_STATES)
    .describe('canary, soak and rest go on; halted waits for a person; the others are over'),
  reason: z.string().describe('why it was halted; empty otherwise'),
  author: z.string(),
  at: utcMs,
  changedAt: utcMs,
  restAt: utcMs
    .nullable()
    .describe('when the rest follows unless something goes wrong; null when not soaking'),
  gateways: z.array(
    z.object({
      gateway: slugSchema,
      canary: z.boolean(),
      state: z.enum(ROLLOUT_GATEWAY_STATES).describe('superseded: somebody changed its configuration later'),
      version: z.int().nullable().describe('of its desired configuration; null while it waits'),
      problem: z.string(),
    }),
  ),
});

export const rolloutsSchema = z.object({ rollouts: z.array(rolloutSchema) });

export type StartRollout = z.infer<typeof startRolloutSchema>;
export type RolloutPlan = z.infer<typeof rolloutPlanSchema>;
export type Rollout = z.infer<typeof rolloutSchema>;
