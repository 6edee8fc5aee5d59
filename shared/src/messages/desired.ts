import { z } from 'zod';
import { utcMsSchema, versionSchema } from '../envelope.js';

/** Most problems that one report names. */
export const MAX_PROBLEMS = 50;

/**
 * What the collector wants a gateway's configuration to be: a patch over the gateway's own file, retained. The agent
 * checks `settings` with the schemas of its file, so that a collector may send what only a newer agent knows, and a
 * field that the agent does not know comes back as a problem with its path.
 */
export const desiredMessageSchema = z.object({
  v: versionSchema,
  version: z.int().min(1).describe('grows with every change'),
  at: utcMsSchema.describe('when somebody asked for it'),
  settings: z
    .record(z.string(), z.unknown())
    .describe('cameras by id with the fields to change, detector.threshold, logLevel; {} for the file alone'),
});

/** One thing that is wrong in a desired configuration, such as `cameras.door.fps`: `must be 1 to 30`. */
export const configProblemSchema = z.object({
  path: z.string().max(200),
  message: z.string().max(500),
});

/**
 * How an agent's configuration stands, retained. `trial`: applied and watched; it is taken back by itself when frame
 * rate or observed time fall. `unchanged`: no desired configuration has come yet.
 */
export const reportedMessageSchema = z.object({
  v: versionSchema,
  at: utcMsSchema,
  version: z.int().min(1).nullable().describe('the desired configuration that this is about'),
  outcome: z.enum(['unchanged', 'trial', 'applied', 'refused', 'rolled-back']),
  detail: z.string().max(1000).describe('why it was rolled back; empty otherwise'),
  problems: z.array(configProblemSchema).max(MAX_PROBLEMS),
  overridden: z
    .array(z.string().max(200))
    .max(500)
    .describe('fields that were changed on the gateway later, which stand'),
  restartNeeded: z.array(z.string().max(200)).max(MAX_PROBLEMS).describe('fields that wait for a restart'),
  configVersion: z.string().min(1).max(64).describe('hash of the configuration in force, as on every count'),
});

export type DesiredMessage = z.infer<typeof desiredMessageSchema>;
/** See {@link configProblemSchema}. */
export type ConfigProblem = z.infer<typeof configProblemSchema>;
export type ReportedMessage = z.infer<typeof reportedMessageSchema>;
