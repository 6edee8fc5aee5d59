import { z } from 'zod';
import { epochSchema, MAX_BATCH_RECORDS, seqSchema, utcMsSchema, versionSchema } from '../envelope.js';
import { slugSchema } from '../topics.js';

const countSchema = z.int().min(0);
const durationMsSchema = z.int().min(0);

/** Why part of an interval was not observed. */
export const GAP_REASONS = [
  'starting',
  'connecting',
  'stalled',
  'backoff',
  'disabled',
  'overload',
  'agent-stopped',
  'agent-killed',
  'clock-step',
] as const;

/** One of {@link GAP_REASONS}. */
export type GapReason = (typeof GAP_REASONS)[number];

const gapSchema = z.object({ reason: z.enum(GAP_REASONS), ms: durationMsSchema });

/** People in view during an interval, as counted over the frames looked at. */
const occupancySchema = z.object({
  min: countSchema,
  max: countSchema,
  mean: z.number().min(0),
});

/**
 * Crossings of one line in one interval. `observedMs` plus the gaps is the interval's length; a zero with
 * `observedMs` 0 is "not looked", never "nobody came". `totals` never reset within an epoch, so that the sum of
 * the deltas can be checked against them.
 */
export const countRecordSchema = z
  .object({
    kind: z.literal('count'),
    camera: slugSchema,
    line: slugSchema,
    start: utcMsSchema.describe('interval start, UTC ms'),
    lengthMs: z.int().min(1).max(3_600_000),
    in: countSchema.describe('crossings from the left-hand to the right-hand side of the line'),
    out: countSchema.describe('crossings from the right-hand to the left-hand side of the line'),
    totals: z
      .object({ in: countSchema, out: countSchema })
      .describe('never-reset totals after this interval'),
    occupancy: occupancySchema.nullable().describe('people in view; null when no frame was looked at'),
    observedMs: durationMsSchema,
    gaps: z.array(gapSchema).max(GAP_REASONS.length),
    configVersion: z.string().min(1).max(64),
    modelHash: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex'),
  })
  .refine(
    (record) => record.observedMs + record.gaps.reduce((sum, gap) => sum + gap.ms, 0) === record.lengthMs,
    {
      error: 'observedMs and the gaps must add up to lengthMs',
      path: ['observedMs'],
    },
  );

/** The life of one camera connection. */
export const CAMERA_STATES = ['connecting', 'streaming', 'stalled', 'backoff', 'disabled'] as const;

/** One of {@link CAMERA_STATES}. */
export type CameraState = (typeof CAMERA_STATES)[number];

/** What moved a camera into its state. */
export const CAMERA_CAUSES = [
  'started',
  'first-frame',
  'silent',
  'refused',
  'unreachable',
  'unauthorized',
  'not-found',
  'unsupported-stream',
  'stream-ended',
  'decoder-failed',
  'retry',
  'configured-off',
  'stopped',
] as const;

/** One of {@link CAMERA_CAUSES}. */
export type CameraCause = (typeof CAMERA_CAUSES)[number];

/** A camera changed its state. */
export const cameraRecordSchema = z.object({
  kind: z.literal('camera'),
  camera: slugSchema,
  state: z.enum(CAMERA_STATES),
  cause: z.enum(CAMERA_CAUSES),
  at: utcMsSchema,
});

/** A sample of the gateway's own health. Null means that this host does not report the value. */
export const hostRecordSchema = z.object({
  kind: z.literal('host'),
  at: utcMsSchema,
  cpuPercent: z.number().min(0).max(100),
  load1: z.number().min(0),
  memoryUsedBytes: countSchema,
  memoryTotalBytes: countSchema,
  diskUsedBytes: countSchema.nullable(),
  diskTotalBytes: countSchema.nullable(),
  networkRxBytesPerSecond: z.number().min(0).nullable(),
  networkTxBytesPerSecond: z.number().min(0).nullable(),
  temperatureCelsius: z.number().nullable(),
  uptimeSeconds: z.number().min(0),
  agentRssBytes: countSchema,
  outboxRecords: countSchema.describe('records still waiting for a receipt'),
});

/** Something that happened once on the gateway. */
export const eventRecordSchema = z.object({
  kind: z.literal('event'),
  at: utcMsSchema,
  event: z.enum(['boot', 'stop', 'config', 'clock-step', 'store-repaired', 'dropped']),
  detail: z.string().max(1000),
});

/** What an outbox row holds. */
export const recordSchema = z.discriminatedUnion('kind', [
  countRecordSchema,
  cameraRecordSchema,
  hostRecordSchema,
  eventRecordSchema,
]);

/**
 * A run of outbox records without holes; the record at index i has the sequence number `firstSeq + i`.
 * The records are validated one by one, so that a bad one becomes a dead letter and the rest is stored.
 */
export const recordsMessageSchema = z.object({
  v: versionSchema,
  epoch: epochSchema,
  firstSeq: seqSchema,
  sentAt: utcMsSchema,
  historical: z.boolean().describe('true for a backlog that is being replayed'),
  records: z.array(z.unknown()).min(1).max(MAX_BATCH_RECORDS),
});

/** The collector's proof that it has committed a batch. */
export const receiptMessageSchema = z.object({
  v: versionSchema,
  epoch: epochSchema,
  storedUpTo: z.int().min(0).describe('every record up to this one is stored or dead-lettered'),
  deadLettered: z.array(z.object({ seq: seqSchema, reason: z.string().max(500) })).max(MAX_BATCH_RECORDS),
  credit: z.int().min(1).max(MAX_BATCH_RECORDS).describe('most records the next batch may hold'),
});

export type CountRecord = z.infer<typeof countRecordSchema>;
export type CameraRecord = z.infer<typeof cameraRecordSchema>;
export type HostRecord = z.infer<typeof hostRecordSchema>;
export type EventRecord = z.infer<typeof eventRecordSchema>;
/** Any record kind. */
export type OutboxRecord = z.infer<typeof recordSchema>;
export type Gap = z.infer<typeof gapSchema>;
export type RecordsMessage = z.infer<typeof recordsMessageSchema>;
export type ReceiptMessage = z.infer<typeof receiptMessageSchema>;
