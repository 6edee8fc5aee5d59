import type { z } from 'zod';

/** A payload that is not what its topic demands; `message` names each field, its problem and what is allowed. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError';
  readonly code = 'PAYLOAD_INVALID';
}

/** One line per problem: `path: problem`. */
export function describeIssues(error: z.ZodError): string[] {
  return error.issues.map(
    (issue) => `${issue.path.length > 0 ? issue.path.join('.') : '(whole)'}: ${issue.message}`,
  );
}

/**
 * Parse a JSON payload against its schema.
 * @throws PayloadError naming every problem when the bytes are no JSON or do not fit the schema
 */
export function decode<T>(schema: z.ZodType<T>, payload: Uint8Array): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (cause) {
    throw new PayloadError(
      `not valid JSON in UTF-8: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new PayloadError(describeIssues(parsed.error).join('; '), { cause: parsed.error });
  return parsed.data;
}
