import { z } from 'zod';

const utcMs = z.int().describe('UTC milliseconds since 1970');

const state = z.enum(['open', 'resolved', 'ignored']);

export const errorGroupSchema = z.object({
  fingerprint: z.string().describe('SHA-256 of type, message and place'),
  type: z.string().describe('of the error; empty where only a message was logged'),
  message: z.string().describe('without what varies'),
  count: z.int(),
  firstAt: utcMs,
  lastAt: utcMs,
  firstVersion: z.string().describe('version of the collector that had it first'),
  lastVersion: z.string(),
  state,
  stateBy: z.string().nullable(),
  stateAt: utcMs.nullable(),
  regressedAt: utcMs.nullable().describe('when it came back in a later version than it was resolved in'),
});

export const errorGroupDetailSchema = errorGroupSchema.extend({
  example: z
    .object({ at: utcMs, message: z.string(), stack: z.string(), requestId: z.string().nullable() })
    .describe('the newest one'),
});

export const errorGroupsQuerySchema = z.object({
  state: state.optional(),
  cursor: z.string().max(200).optional().describe('"next" of the answer before'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export const errorGroupsSchema = z.object({
  groups: z.array(errorGroupSchema).describe('the one that was seen last first'),
  next: z.string().nullable().describe('cursor of the next page; null on the last one'),
});

export type ErrorGroup = z.infer<typeof errorGroupSchema>;
export type ErrorGroupDetail = z.infer<typeof errorGroupDetailSchema>;
export type ErrorGroupState = z.infer<typeof state>;
