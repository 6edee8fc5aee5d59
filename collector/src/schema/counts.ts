import { GAP_REASONS, SCENE_CONDITIONS, slugSchema } from '@headcount/shared';
import { z } from 'zod';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const count = z.int().min(0);
const share = z.number().min(0).max(1);

/** Crossings with how much of the time was really observed. */
export const tally = {
  in: count,
  out: count,
  observedMs: count,
  expectedMs: count.describe(
    'closed minutes of this stretch since the line was first heard of (its records are due); 0 while there are none',
  ),
  completeness: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .describe('observedMs / expectedMs; null while expectedMs is 0'),
};

/** Sizes of buckets and the longest range of each (days): bounds one answer to some thousand buckets a line. */
export const BUCKETS = { minute: 2, quarter: 31, hour: 62, day: 400, week: 3660, month: 3660 } as const;

const sizes = Object.keys(BUCKETS) as [keyof typeof BUCKETS, ...(keyof typeof BUCKETS)[]];

export const countsQuerySchema = z.object({
  site: slugSchema.optional(),
  gateway: slugSchema.optional(),
  camera: slugSchema.optional(),
  line: slugSchema.optional(),
  zone: slugSchema.optional().describe('one zone; of=zones is implied'),
  of: z
    .enum(['lines', 'zones'])
    .optional()
    .describe('lines (default): crossings; zones: entries and exits, people at once, dwell'),
  by: z
    .enum(['each', 'camera', 'site'])
    .default('each')
    .describe('one row per line or zone, or their sum per camera or site'),
  entrances: z
    .enum(['true', 'false'])
    .optional()
    .describe('only lines that people enter or leave the site by; true unless told otherwise when by=site'),
  from: z.coerce
    .number()
    .int()
    .min(0)
    .describe('UTC ms, included; the answer begins with the whole bucket that holds it'),
  to: z.coerce.number().int().min(0).describe('UTC ms, excluded; the answer ends with a whole bucket'),
  bucket: z
    .enum(sizes)
    .default('hour')
    .describe(
      'of the site time zone; weeks begin on Monday. Longest range: ' +
        sizes.map((size) => `${size} ${BUCKETS[size]} d`).join(', '),
    ),
  compare: z
    .enum(['week'])
    .optional()
    .describe('also what was counted seven days before, at the same time of the site clock'),
  format: z
    .enum(['json', 'csv', 'xlsx'])
    .default('json')
    .describe('csv and xlsx carry every time with its offset from UTC'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(50_000)
    .optional()
    .describe('most rows; 10,000 unless told otherwise'),
  cursor: z.string().max(200).optional().describe('"next" of the answer before'),
});

export const bucketSchema = z.object({
  site: slugSchema,
  gateway: slugSchema.nullable().describe('null where the row sums several'),
  camera: slugSchema.nullable(),
  line: slugSchema.nullable(),
  zone: slugSchema.nullable(),
  sources: count.describe('how many lines or zones are summed'),
  start: utcMs,
  end: utcMs,
  ...tally,
  stitched: count.describe('crossings that rest on two tracks taken for one person'),
  gaps: z
    .array(z.object({ reason: z.enum([...GAP_REASONS, 'not-received']), ms: count }))
    .describe('why the rest was not observed; not-received: no record has arrived for that time'),
  suspect: z
    .array(z.enum(SCENE_CONDITIONS))
    .describe('what was wrong with the picture in part of this time: the counts are not to be trusted'),
  spread: z
    .boolean()
    .describe('the gateway was offline for long and merged its counts: they are spread evenly over the time'),
  occupancyMax: count
    .nullable()
    .describe('most people at once in view of the camera or in the zone; null where not observed or summed'),
  queueMax: count.nullable().describe('most people who stood waiting in the zone'),
  meanDwellMs: z.number().nullable().describe('of visits of the zone seen from beginning to end'),
  open: share
    .nullable()
    .describe('share of the time in which the site was open; null for a site without opening hours'),
  before: z
    .object({ start: utcMs, end: utcMs, ...tally, open: share.nullable() })
    .nullable()
    .describe('seven days before; null unless asked for'),
});

export const countsSchema = z.object({
  bucket: z.enum(sizes),
  buckets: z.array(bucketSchema),
  next: z.string().nullable().describe('cursor of the next page; null on the last one'),
});

export const ledgerSchema = z.object({
  gaps: z.array(
    z.object({
      gateway: slugSchema,
      camera: slugSchema,
      line: slugSchema,
      from: utcMs,
      to: utcMs,
      missingIn: count,
      missingOut: count,
      foundAt: utcMs,
    }),
  ),
  next: z.string().nullable().describe('cursor of the next page; null on the last one'),
});

export type Tally = Pick<Bucket, keyof typeof tally>;
export type CountsQuery = z.infer<typeof countsQuerySchema>;
export type Bucket = z.infer<typeof bucketSchema>;
