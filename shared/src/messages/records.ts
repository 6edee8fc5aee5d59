import { z } from 'zod';
import { epochSchema, MAX_BATCH_RECORDS, seqSchema, utcMsSchema, versionSchema } from '../envelope.js';
import { slugSchema } from '../topics.js';
import { auditRecordSchema } from './audit.js';
import { sceneRecordSchema, suspectSchema } from './scene.js';

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

const modelHashSchema = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex');

/** Every millisecond of an interval was either observed or has a reason why not. */
const ADDS_UP = { error: 'observedMs and the gaps must add up to lengthMs', path: ['observedMs'] };

function addsUp(record: { observedMs: number; gaps: readonly { ms: number }[]; lengthMs: number }): boolean {
  return record.observedMs + record.gaps.reduce((sum, gap) => sum + gap.ms, 0) === record.lengthMs;
}

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
    stitched: countSchema
      .default(0)
      .describe('how many of them rest on two tracks that were taken for one person'),
    totals: z
      .object({ in: countSchema, out: countSchema })
      .describe('never-reset totals after this interval'),
    occupancy: occupancySchema.nullable().describe('people in view; null when no frame was looked at'),
    observedMs: durationMsSchema,
    gaps: z.array(gapSchema).max(GAP_REASONS.length),
    suspect: suspectSchema,
    configVersion: z.string().min(1).max(64),
    modelHash: modelHashSchema,
  })
  .refine(addsUp, ADDS_UP);

/** Upper bounds of the dwell histogram in ms; a last bucket holds everything longer. */
export const DWELL_BOUNDS_MS = [5_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000] as const;

/**
 * People in one zone in one interval. Occupancy and queue are medians over about a second, so that a box that flickers
 * is no visit. A visit that was already going on when the agent started, or that nobody saw end, has no dwell.
 */
export const zoneRecordSchema = z
  .object({
    kind: z.literal('zone'),
    camera: slugSchema,
    zone: slugSchema,
    start: utcMsSchema.describe('interval start, UTC ms'),
    lengthMs: z.int().min(1).max(3_600_000),
    entries: countSchema.describe('visits that began'),
    exits: countSchema.describe('visits that ended'),
    totals: z
      .object({ entries: countSchema, exits: countSchema })
      .describe('never-reset totals after this interval'),
    occupancy: occupancySchema.nullable().describe('people in the zone; null when no frame was looked at'),
    queue: z
      .object({ max: countSchema, mean: z.number().min(0) })
      .nullable()
      .describe('people who stand waiting in the zone; null when no frame was looked at'),
    dwell: z
      .object({
        sumMs: durationMsSchema.describe('time that the visits in the histogram lasted together'),
        buckets: z.array(countSchema).length(DWELL_BOUNDS_MS.length + 1),
      })
      .describe('visits that ended in this interval, by how long they lasted; bounds are DWELL_BOUNDS_MS'),
    observedMs: durationMsSchema,
    gaps: z.array(gapSchema).max(GAP_REASONS.length),
    suspect: suspectSchema,
    configVersion: z.string().min(1).max(64),
    modelHash: modelHashSchema,
  })
  .refine(addsUp, ADDS_UP);

/** A zone went over its capacity (`over`) or came back to it. */
export const capacityRecordSchema = z.object({
  kind: z.literal('capacity'),
  camera: slugSchema,
  zone: slugSchema,
  at: utcMsSchema,
  over: z.boolean(),
  occupancy: countSchema,
  capacity: z.int().min(1),
});

/** The life of one camera connection. */
export const CAMERA_STATES = ['connecting', 'streaming', 'stalled', 'backoff', 'disabled'] as const;

/** One of {@link CAMERA_STATES}. */
export type CameraState = (typeof CAMERA_STATES)[number];

/**
 * What moved a camera into its state; `streaming` with a cause other than `first-frame` and `recovered` counts, but not
 * as well as it should.
 */
export const CAMERA_CAUSES = [
  'started',
  'first-frame',
  'silent',
  'refused',
  'unreachable',
  'unknown-host',
  'no-rtsp',
  'unauthorized',
  'forbidden',
  'not-found',
  'busy',
  'unsupported-stream',
  'unsupported-codec',
  'stream-ended',
  'decoder-failed',
  'decode-errors',
  'frozen',
  'cpu-pressure',
  'clock-step',
  'recovered',
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

/** What host samples told from the second edition on; optional, so that older samples stay valid. */
const hostDetailShape = {
  diskInodesUsed: countSchema.nullable().default(null),
  diskInodesTotal: countSchema.nullable().default(null),
  diskWearPercent: z
    .number()
    .min(0)
    .nullable()
    .default(null)
    .describe(
      'used part of the life that the maker gives the storage, in steps of 10; above 100 it is overdue',
    ),
  diskFullInHours: z
    .number()
    .min(0)
    .nullable()
    .default(null)
    .describe('hours until the disk is full at the pace of the last day; null while it does not fill'),
  networkErrors: countSchema.nullable().default(null).describe('errors of the interface since its start'),
  throttled: z.boolean().nullable().default(null).describe('slowed down by heat or by too low a voltage'),
  clockSynchronised: z.boolean().nullable().default(null).describe('set by a time server since the boot'),
  clockOffsetMs: z
    .number()
    .nullable()
    .default(null)
    .describe('distance between this clock and the time server, as last measured'),
  eventLoopDelayMs: z
    .number()
    .min(0)
    .nullable()
    .default(null)
    .describe('99th percentile since the sample before'),
};

/**
 * A sample of the gateway's own health. Null means that this host does not report the value, or that the agent is older
 * than the value.
 */
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
  ...hostDetailShape,
});

/** Something that happened once on the gateway. */
export const eventRecordSchema = z.object({
  kind: z.literal('event'),
  at: utcMsSchema,
  event: z.enum([
    'boot',
    'stop',
    'config',
    'clock-step',
    'clock-unsynchronised',
    'store-repaired',
    'dropped',
    'walk-test',
    'update',
  ]),
  detail: z.string().max(1000),
});

/** What an outbox row holds. */
export const recordSchema = z.discriminatedUnion('kind', [
  countRecordSchema,
  zoneRecordSchema,
  capacityRecordSchema,
  cameraRecordSchema,
  hostRecordSchema,
  eventRecordSchema,
  sceneRecordSchema,
  auditRecordSchema,
]);

/**
 * A run of outbox records. Either `records`: none is missing, the record at index i has the sequence number
 * `firstSeq + i`. Or `rows`, after the gateway has coarsened its backlog: the numbers from `firstSeq` to that of the last
 * row that are not listed are accounted for, because their records were merged into others or thinned.
 * The records are validated one by one, so that a bad one becomes a dead letter and the rest is stored.
 */
export const recordsMessageSchema = z
  .object({
    v: versionSchema,
    epoch: epochSchema,
    firstSeq: seqSchema,
    sentAt: utcMsSchema,
    historical: z.boolean().describe('true for a backlog that is being replayed'),
    records: z.array(z.unknown()).min(1).max(MAX_BATCH_RECORDS).optional(),
    rows: z
      .array(z.object({ seq: seqSchema, record: z.unknown() }))
      .min(1)
      .max(MAX_BATCH_RECORDS)
      .optional(),
  })
  .refine(({ records, rows }) => (records === undefined) !== (rows === undefined), {
    error: 'a batch has either records or rows',
    path: ['records'],
  })
  .refine(
    ({ firstSeq, rows = [] }) =>
      rows.every(({ seq }, index) => seq >= firstSeq && seq > (rows[index - 1]?.seq ?? 0)),
    { error: 'sequence numbers must grow from firstSeq on', path: ['rows'] },
  );

/** The collector's proof that it has committed a batch. */
export const receiptMessageSchema = z.object({
  v: versionSchema,
  epoch: epochSchema,
  storedUpTo: z.int().min(0).describe('every record up to this one is stored or dead-lettered'),
  deadLettered: z.array(z.object({ seq: seqSchema, reason: z.string().max(500) })).max(MAX_BATCH_RECORDS),
  credit: z.int().min(1).max(MAX_BATCH_RECORDS).describe('most records the next batch may hold'),
});

export type CountRecord = z.infer<typeof countRecordSchema>;
export type ZoneRecord = z.infer<typeof zoneRecordSchema>;
export type CapacityRecord = z.infer<typeof capacityRecordSchema>;
export type CameraRecord = z.infer<typeof cameraRecordSchema>;
export type HostRecord = z.infer<typeof hostRecordSchema>;
export type EventRecord = z.infer<typeof eventRecordSchema>;
/** Any record kind. */
export type OutboxRecord = z.infer<typeof recordSchema>;
export type Gap = z.infer<typeof gapSchema>;
export type RecordsMessage = z.infer<typeof recordsMessageSchema>;
export type ReceiptMessage = z.infer<typeof receiptMessageSchema>;
