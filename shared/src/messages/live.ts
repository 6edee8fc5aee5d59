import { z } from 'zod';
import { utcMsSchema, versionSchema } from '../envelope.js';
import { slugSchema } from '../topics.js';
import { CAMERA_STATES } from './records.js';

const crossingSchema = z.object({
  at: utcMsSchema,
  line: slugSchema,
  direction: z.enum(['in', 'out']),
  stitched: z.boolean().default(false).describe('rests on two tracks that were taken for one person'),
});

const zoneSchema = z.object({
  id: slugSchema,
  occupancy: z.int().min(0).describe('people in the zone now'),
  queue: z.int().min(0).describe('people who stand waiting in it now'),
  over: z.boolean().describe('more people than its capacity'),
  totals: z.object({ entries: z.int().min(0), exits: z.int().min(0) }).describe('of this epoch'),
});

/** What the gateway sees now: at most once a second, and only while somebody watches. */
export const liveMessageSchema = z.object({
  v: versionSchema,
  at: utcMsSchema,
  cameras: z
    .array(
      z.object({
        id: slugSchema,
        state: z.enum(CAMERA_STATES),
        fps: z.number().min(0).describe('frames looked at per second, over the last seconds'),
        inView: z.int().min(0).describe('people in view now'),
        lines: z.array(
          z.object({
            id: slugSchema,
            totals: z
              .object({ in: z.int().min(0), out: z.int().min(0) })
              .describe('never-reset totals of this epoch'),
            pending: z
              .object({ in: z.int().min(0), out: z.int().min(0) })
              .describe('crossings of intervals that have not been sent yet'),
          }),
        ),
        zones: z.array(zoneSchema).max(16).default([]),
        crossings: z.array(crossingSchema).max(20).describe('newest last, since the previous live message'),
      }),
    )
    .max(64),
});

export type LiveMessage = z.infer<typeof liveMessageSchema>;
export type LiveCamera = LiveMessage['cameras'][number];
/** Direction of a crossing: `in` goes from the line's left-hand to its right-hand side. */
export type Direction = z.infer<typeof crossingSchema>['direction'];
