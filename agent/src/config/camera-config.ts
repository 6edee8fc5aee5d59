import { pointSchema, slugSchema } from '@headcount/shared';
import { z } from 'zod';

/** Shortest line that can be crossed in a meaningful way, as a fraction of the picture. */
const SHORTEST_LINE = 0.02;
/** Smallest zone in which somebody can stand, as a share of the picture's area. */
const SMALLEST_ZONE = 0.001;
/** Smallest side of an analysis region, as a fraction of the picture. */
const SMALLEST_REGION = 0.1;

/** Which point of a person's box must cross a line or stand in a zone. */
export const ANCHORS = ['bottom-centre', 'centre', 'head'] as const;

/** How video may be decoded; `auto` takes the first device that is there. */
export const DECODE_PRESETS = ['software', 'auto', 'vaapi', 'qsv', 'cuda', 'v4l2m2m', 'rkmpp'] as const;

const anchorSchema = z
  .enum(ANCHORS)
  .default('bottom-centre')
  .describe('point of the box that counts: the feet unless something hides them');

/** A line as it stands in the configuration file. */
export const lineSchema = z
  .strictObject({
    id: slugSchema.describe('name on the wire; changing it starts a new line'),
    name: z.string().min(1).max(100).describe('name for people'),
    from: pointSchema,
    via: z.array(pointSchema).max(14).default([]).describe('corners between from and to'),
    to: pointSchema.describe(
      '"in" is from the left-hand to the right-hand side when looking from `from` to `to`',
    ),
    anchor: anchorSchema,
    directions: z
      .strictObject({
        in: z.string().min(1).max(40).default('in'),
        out: z.string().min(1).max(40).default('out'),
      })
      .prefault({})
      .describe('what people call the two directions, such as north and south'),
    entrance: z
      .boolean()
      .default(false)
      .describe(
        'who crosses it enters or leaves the site; the collector adds these up to the site occupancy',
      ),
  })
  .refine(({ from, via, to }) => longEnough([from, ...via, to]), {
    error: `two of its points are closer than ${SHORTEST_LINE} of the picture; draw a longer line`,
    path: ['to'],
  });

const polygonSchema = z.array(pointSchema).min(3, 'must have at least three corners').max(32);

/** A zone as it stands in the configuration file. */
export const zoneSchema = z.strictObject({
  id: slugSchema.describe('name on the wire; changing it starts a new zone'),
  name: z.string().min(1).max(100).describe('name for people'),
  polygon: polygonSchema.refine((corners) => areaOf(corners) >= SMALLEST_ZONE, {
    error: `covers less than ${SMALLEST_ZONE} of the picture; draw a larger zone`,
  }),
  anchor: anchorSchema,
  capacity: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('people that may be in the zone; more raise an alarm'),
});

const regionSchema = z
  .strictObject({ from: pointSchema, to: pointSchema })
  .refine(({ from, to }) => to[0] - from[0] >= SMALLEST_REGION && to[1] - from[1] >= SMALLEST_REGION, {
    error: `from must be the upper left and to the lower right corner, at least ${SMALLEST_REGION} of the picture apart`,
    path: ['to'],
  });

/** One camera as it stands in the configuration file. */
export const cameraSchema = z
  .strictObject({
    id: slugSchema.describe('name on the wire'),
    name: z.string().min(1).max(100).describe('name for people'),
    url: z
      .string()
      .regex(
        /^(rtsps?:\/\/.+|\/.+)$/,
        'must be an rtsp:// or rtsps:// address or the absolute path of a video file',
      )
      .refine((url) => url.startsWith('/') || URL.canParse(url), 'is no address; check host and port')
      .refine(
        (url) => !/^[a-z]+:\/\/[^/]*@/.test(url),
        'must not hold a password; put "user:password" into credentialsFile',
      ),
    credentialsFile: z.string().min(1).optional().describe('file with one line "user:password"'),
    fps: z.number().min(1).max(30).default(10).describe('most frames looked at per second'),
    enabled: z.boolean().default(true),
    decode: z
      .enum(DECODE_PRESETS)
      .default('software')
      .describe('hardware that decodes the video; software again where it fails before its first frame'),
    region: regionSchema
      .optional()
      .describe('part of the picture that the model looks at; all of it by default'),
    tiles: z
      .enum(['1x1', '2x1', '2x2'])
      .default('1x1')
      .describe(
        'cut the region into overlapping tiles (columns x rows), each one inference: finds smaller people',
      ),
    masks: z
      .strictObject({
        privacy: z.array(polygonSchema).max(16).default([]).describe('blackened before anything looks at it'),
        exclude: z
          .array(polygonSchema)
          .max(16)
          .default([])
          .describe('people whose feet are in it are ignored'),
      })
      .prefault({}),
    person: z
      .strictObject({
        minHeight: z
          .number()
          .min(0)
          .max(1)
          .default(0)
          .describe('smallest person, fraction of the picture height'),
        maxHeight: z
          .number()
          .min(0)
          .max(2)
          .default(2)
          .describe('tallest person, fraction of the picture height'),
      })
      .prefault({})
      .refine(({ minHeight, maxHeight }) => minHeight < maxHeight, {
        error: 'maxHeight must be larger than minHeight',
        path: ['maxHeight'],
      }),
    motionGate: z
      .boolean()
      .default(true)
      .describe('skip the model while nothing moves and nobody is in view; costs no count'),
    lines: z.array(lineSchema).max(16).default([]).superRefine(uniqueIds),
    zones: z.array(zoneSchema).max(16).default([]).superRefine(uniqueIds),
  })
  .refine(({ lines, zones }) => lines.length + zones.length > 0, {
    error: 'must hold at least one line or zone',
    path: ['lines'],
  });

/** One line of one camera, in fractions of the picture. */
export type LineConfig = z.infer<typeof lineSchema>;

/** One zone of one camera, in fractions of the picture. */
export type ZoneConfig = z.infer<typeof zoneSchema>;

/** One of {@link DECODE_PRESETS}. */
export type DecodePreset = (typeof DECODE_PRESETS)[number];

/** One of {@link ANCHORS}. */
export type Anchor = (typeof ANCHORS)[number];

/** Refuse two items with the same id. */
export function uniqueIds(items: readonly { id: string }[], context: z.RefinementCtx): void {
  items.forEach(({ id }, index) => {
    if (items.findIndex((item) => item.id === id) < index) {
      context.addIssue({
        code: 'custom',
        path: [index, 'id'],
        message: `"${id}" is used twice; every id must be unique`,
      });
    }
  });
}

function longEnough(path: readonly (readonly [number, number])[]): boolean {
  return path.every((point, index) => {
    const next = path[index + 1];
    return next === undefined || Math.hypot(next[0] - point[0], next[1] - point[1]) >= SHORTEST_LINE;
  });
}

/** Area of a polygon by the shoelace formula, as a share of the picture. */
function areaOf(corners: readonly (readonly [number, number])[]): number {
  const doubled = corners.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = corners[(index + 1) % corners.length] ?? [x, y];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(doubled) / 2;
}
