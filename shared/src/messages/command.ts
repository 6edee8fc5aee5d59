import { z } from 'zod';
import { utcMsSchema, versionSchema } from '../envelope.js';
import { slugSchema } from '../topics.js';

/** Levels at which the programs log. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

/** Longest time for which one command may change the log level (ms): nobody remembers to turn it back. */
export const LONGEST_LOG_LEVEL_MS = 24 * 3_600_000;

/** Bytes of an attachment in one result: base64 makes four characters of three bytes, and a payload is at most 1 MiB. */
export const ATTACHMENT_PART_BYTES = 600 * 1024;
/** Most parts of one attachment: about 5 MB. */
export const MAX_ATTACHMENT_PARTS = 9;

/** Where the collector's HTTPS listener has the packages of releases, each below its file name; for gateways only. */
export const RELEASES_PATH = '/gateway/v1/releases';

/** A signed release manifest as it travels: the exact text that was signed, and its Ed25519 signature in base64. */
export const signedManifestSchema = z.object({
  manifest: z.string().min(2).max(4096),
  signature: z.base64().max(200),
});

/** What a gateway can be asked to do, beside the id and the deadline that every command has. */
export const commandRequestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('watch') }),
  z.object({ kind: z.literal('snapshot'), camera: slugSchema }),
  z.object({ kind: z.literal('restart-camera'), camera: slugSchema }),
  z.object({ kind: z.literal('diagnostics') }),
  z.object({
    kind: z.literal('log-level'),
    level: z.enum(LOG_LEVELS),
    forMs: z.int().min(1000).max(LONGEST_LOG_LEVEL_MS).describe('afterwards the configured level is back'),
  }),
  z.object({
    kind: z.literal('update'),
    target: signedManifestSchema.describe('the release to install'),
    fallback: signedManifestSchema.describe('the release that runs now, to go back to'),
    allowDowngrade: z.boolean().default(false),
  }),
]);

/** What every command has, whatever its kind: an agent answers kinds that it does not know. */
export const commandEnvelopeSchema = z.looseObject({
  v: versionSchema,
  id: z.uuid(),
  kind: z.string().min(1).max(64),
  deadline: utcMsSchema,
});

/**
 * A request to one gateway. `watch` asks for live messages until the deadline and is renewed by the collector for as
 * long as somebody looks at the console, so a lost "stop" cannot leave a gateway talking for ever.
 */
export const commandMessageSchema = z.intersection(
  z.object({ v: versionSchema, id: z.uuid(), deadline: utcMsSchema }),
  commandRequestSchema,
);

/** Part of a file that a command asked for. */
const attachmentSchema = z
  .object({
    contentType: z.string().min(1).max(100),
    part: z.int().min(0).describe('0 for the first'),
    parts: z.int().min(1).max(MAX_ATTACHMENT_PARTS),
    data: z.base64().max(Math.ceil(ATTACHMENT_PART_BYTES / 3) * 4),
  })
  .refine(({ part, parts }) => part < parts, { error: 'must be less than parts', path: ['part'] });

/** What became of a command; a large attachment comes in several results with one id, in their order. */
export const resultMessageSchema = z.object({
  v: versionSchema,
  id: z.uuid(),
  outcome: z.enum(['done', 'failed', 'expired', 'unsupported']),
  detail: z.string().max(1000),
  attachment: attachmentSchema.optional(),
});

export type CommandMessage = z.infer<typeof commandMessageSchema>;
/** See {@link commandRequestSchema}. */
export type CommandRequest = z.infer<typeof commandRequestSchema>;
/** See {@link signedManifestSchema}. */
export type SignedManifest = z.infer<typeof signedManifestSchema>;
export type ResultMessage = z.infer<typeof resultMessageSchema>;
