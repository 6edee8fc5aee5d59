import { commandRequestSchema, reportedMessageSchema, resultMessageSchema } from '@headcount/shared';
import { z } from 'zod';

const utcMs = z.int().describe('UTC milliseconds since 1970');

export const settingsSchema = z
  .record(z.string(), z.unknown())
  .describe(
    'cameras by id with the fields to change (also "preset" and "host"), detector.threshold, logLevel; {} for the file alone',
  );

export const putDesiredSchema = z.object({ settings: settingsSchema });

const versionSchema = z.object({
  version: z.int().min(1),
  author: z.string().describe('who asked for it'),
  at: utcMs,
  note: z.string().describe('what it came from, such as "version 3 again"; empty for a change by hand'),
});

export const desiredSchema = versionSchema.extend({
  settings: settingsSchema,
  sent: settingsSchema.describe('as the gateway gets it: presets filled in as they were then'),
});

/** Fields that differ. */
export const differencesSchema = z.array(
  z.object({
    path: z.string().describe('such as cameras.door.fps'),
    before: z.unknown().optional().describe('left out where the field was not there'),
    after: z.unknown().optional().describe('left out where the field is not there'),
  }),
);

export const versionsSchema = z.object({
  versions: z.array(
    versionSchema.extend({
      changes: differencesSchema.describe('against the version before; of what is sent'),
    }),
  ),
});

export const restoreSchema = z.object({ version: z.int().min(1).describe('the version to bring back') });

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

export type DesiredVersion = z.infer<typeof versionsSchema>['versions'][number];
export type Differences = z.infer<typeof differencesSchema>;
export type CommandBody = z.infer<typeof commandBodySchema>;
export type CommandAnswer = z.infer<typeof commandAnswerSchema>;
