import { z } from 'zod';
import { utcMsSchema, versionSchema } from '../envelope.js';
import { pointSchema } from '../geometry.js';
import { slugSchema } from '../topics.js';

const lineSchema = z.object({
  id: slugSchema,
  name: z.string().min(1).max(100),
  from: pointSchema,
  via: z.array(pointSchema).max(14).default([]).describe('corners between from and to'),
  to: pointSchema,
  directions: z
    .object({ in: z.string().min(1).max(40), out: z.string().min(1).max(40) })
    .default({ in: 'in', out: 'out' })
    .describe('what people call the two directions'),
  entrance: z
    .boolean()
    .default(false)
    .describe('who crosses it enters or leaves the site; feeds site occupancy'),
});

const zoneSchema = z.object({
  id: slugSchema,
  name: z.string().min(1).max(100),
  polygon: z.array(pointSchema).min(3).max(32),
  capacity: z.int().min(1).nullable().describe('people that may be in the zone; null for any number'),
});

const cameraSchema = z.object({
  id: slugSchema,
  name: z.string().min(1).max(100),
  lines: z.array(lineSchema).max(16),
  zones: z.array(zoneSchema).max(16).default([]),
});

/**
 * Presence of an agent, retained. `online` is the birth, `stopped` the clean goodbye, `offline` the will that the
 * broker publishes when the connection dies; a will cannot know its time, so the collector takes its own.
 */
export const stateMessageSchema = z.discriminatedUnion('status', [
  z.object({
    v: versionSchema,
    status: z.literal('online'),
    at: utcMsSchema,
    bootId: z.uuid().describe('random id of this agent process'),
    version: z.string().min(1).max(64).describe('agent version'),
    configVersion: z.string().min(1).max(64),
    modelHash: z.string().regex(/^[0-9a-f]{64}$/),
    cameras: z.array(cameraSchema).max(64),
  }),
  z.object({ v: versionSchema, status: z.literal('stopped'), at: utcMsSchema, bootId: z.uuid() }),
  z.object({ v: versionSchema, status: z.literal('offline'), bootId: z.uuid() }),
]);

export type StateMessage = z.infer<typeof stateMessageSchema>;
/** The birth message. */
export type BirthMessage = Extract<StateMessage, { status: 'online' }>;
