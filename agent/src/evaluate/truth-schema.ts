import type { Direction } from '@headcount/shared';
import { z } from 'zod';
import { ANCHORS } from '../config/camera-config.js';
import type { FrameEvent } from './match.js';

const frame = z.int().min(1);
/** Pixels of the clip. */
const pixel = z.tuple([z.number(), z.number()]);
const anchor = z.enum(ANCHORS).default('bottom-centre');

/** Frame number (from 1), track id, name of the direction. */
const event = z.tuple([frame, z.int(), z.string().min(1)]);

const line = z
  .object({
    from: pixel,
    via: z.array(pixel).max(14).default([]),
    to: pixel,
    anchor,
    directions: z
      .strictObject({ in: z.string().min(1), out: z.string().min(1) })
      .default({ in: 'in', out: 'out' }),
    events: z.array(event),
    optional: z.array(event).default([]),
  })
  .transform((value, context) => {
    const resolve = (key: 'events' | 'optional') =>
      value[key].flatMap(([at, track, name], index): FrameEvent[] => {
        const direction = directionOf(name, value);
        if (direction !== undefined) return [{ frame: at, track, direction }];
        const names = [value.directions.in, value.directions.out, 'LR', 'RL'].map((known) => `"${known}"`);
        const message = `"${name}" is no direction of this line; use ${names.join(', ')}`;
        context.addIssue({ code: 'custom', path: [key, index, 2], message });
        return [];
      });
    return { ...value, events: resolve('events'), optional: resolve('optional') };
  });

/** First frame, last frame, track id. */
const visit = z
  .tuple([frame, frame, z.int()])
  .refine(([from, to]) => from <= to, 'it ends before it begins; write [first frame, last frame, track id]');

const zone = z.object({
  polygon: z.array(pixel).min(3).max(32),
  anchor,
  capacity: z.int().min(1).max(1000).optional(),
  visits: z.array(visit),
  optional: z.array(visit).default([]),
});

const id = z.string().min(1).max(100);

/** What a truth file holds; other keys, such as notes for people, are ignored. */
export const truthSchema = z.object({
  frames: z
    .object({ from: frame.default(1), to: frame.optional() })
    .refine(({ from, to }) => to === undefined || from <= to, 'from lies after to')
    .default({ from: 1 }),
  fps: z.number().positive().max(240).optional(),
  tolerance: z.number().min(0).optional(),
  lines: z.record(id, line).default({}),
  zones: z.record(id, zone).default({}),
  boxes: z.string().min(1).optional(),
});

/** A truth file's content. */
export type Truth = z.output<typeof truthSchema>;

/**
 * Our direction for a truth file's name of it. LR and RL are from the left to the right of the picture and back; "in"
 * goes to the right-hand side of somebody who walks from `from` to `to`, which is the picture's left where the line
 * runs downwards. A level line has neither; there RL is "in", as on a line that runs downwards.
 */
function directionOf(
  name: string,
  {
    directions,
    from,
    to,
  }: { directions: { in: string; out: string }; from: [number, number]; to: [number, number] },
): Direction | undefined {
  if (name === directions.in || name === 'in') return 'in';
  if (name === directions.out || name === 'out') return 'out';
  if (name !== 'LR' && name !== 'RL') return undefined;
  const downwards = to[1] >= from[1];
  return (name === 'RL') === downwards ? 'in' : 'out';
}
