import { readFileSync } from 'node:fs';
import { describeIssues, type Direction } from '@headcount/shared';
import { z } from 'zod';

const pixel = z.tuple([z.number(), z.number()]);
/** Frame number (from 1), track id, direction; RL is from the right to the left of the picture. */
const eventSchema = z.tuple([z.int().min(1), z.int(), z.enum(['LR', 'RL'])]);

const truthSchema = z.object({
  frames: z.object({ from: z.int().min(1), to: z.int().min(1) }),
  lines: z.record(
    z.string(),
    z.object({
      from: pixel,
      to: pixel,
      events: z.array(eventSchema),
      optional: z.array(eventSchema).default([]),
    }),
  ),
});

/** Crossings that people have seen, and where the lines are: pixels of the clip. */
export type Truth = z.infer<typeof truthSchema>;

/** The truth file cannot be used; the message says what is wrong with it. */
class TruthError extends Error {
  override readonly name = 'TruthError';
  readonly code = 'TRUTH_INVALID';
}

/**
 * Read a truth file.
 * @throws TruthError
 */
export function readTruth(file: string): Truth {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new TruthError(
      `${file} cannot be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  const parsed = truthSchema.safeParse(value);
  if (!parsed.success)
    throw new TruthError(`${file}: ${describeIssues(parsed.error).join('; ')}`, { cause: parsed.error });
  return parsed.data;
}

/** Our direction for a truth file's: the file's lines are drawn so that right to left is "in". */
export function directionOf(name: 'LR' | 'RL'): Direction {
  return name === 'RL' ? 'in' : 'out';
}
