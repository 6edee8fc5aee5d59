import { z } from 'zod';
import { utcMsSchema, versionSchema } from '../envelope.js';
import { pointSchema } from '../geometry.js';
import { slugSchema } from '../topics.js';

const lineSchema = z.object({
  id: slugSchema,
  name: z.string().min(1).max(100),
  from: pointSchema,
  to: pointSchema,
});

const cameraSchema = z.object({
  id: slugSchema,
  name: z.string().min(1).max(100),
  lines: z.array(lineSchema).max(16),
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
