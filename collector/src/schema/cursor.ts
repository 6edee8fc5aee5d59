import type { z } from 'zod';
import { ProblemError } from './problem.js';

/** Where the next page begins, as text that is opaque to clients. */
export function encodeCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/**
 * The place that {@link encodeCursor} wrote.
 * @throws ProblemError 400 for anything else
 */
export function decodeCursor<T extends readonly [z.ZodType, ...z.ZodType[]]>(
  cursor: string,
  shape: z.ZodTuple<T>,
): z.infer<z.ZodTuple<T>> {
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new ProblemError(400, 'cursor: is not the "next" of an answer; ask for the first page again');
  }
}
