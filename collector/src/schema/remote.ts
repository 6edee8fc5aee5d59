import { commandRequestSchema, reportedMessageSchema, resultMessageSchema } from '@headcount/shared';
import { z } from 'zod';

const settings = z
  .record(z.string(), z.unknown())
  .describe('cameras by id with the fields to change, detector.threshold, logLevel; {} for the file alone');

export const putDesiredSchema = z.object({ settings });

export const desiredSchema = z.object({
  version: z.int().min(1),
  settings,
  author: z.string().describe('who asked for it'),
  at: z.int().describe('UTC milliseconds since 1970'),
});

/** As the gateway sent it. */
export const reportedSchema = reportedMessageSchema;

const [, snapshot, restartCamera, diagnostics, logLevel] = commandRequestSchema.options;

/** What a person may ask a gateway to do; an update names a release of the collector's folder. */
export const commandBodySchema = z.discriminatedUnion('kind', [
  snapshot,
  restartCamera,
  diagnostics,
  logLevel,
  z.object({
    kind: z.literal('update'),
    version: z.string().regex(/^\d+\.\d+\.\d+$/, 'must be a version such as 1.2.0'),
    arch: z.enum(['amd64', 'arm64']),
    allowDowngrade: z.boolean().default(false),
  }),
]);

export const commandAnswerSchema = z.object({
  id: z.uuid(),
  outcome: resultMessageSchema.shape.outcome,
  detail: z.string(),
  file: z
    .object({ contentType: z.string(), data: z.string().describe('base64') })
    .nullable()
    .describe('what was asked for, such as a picture'),
});

export type CommandBody = z.infer<typeof commandBodySchema>;
export type CommandAnswer = z.infer<typeof commandAnswerSchema>;
