import { slugSchema, utcMsSchema } from '@headcount/shared';
import { z } from 'zod';
import { isSignedBy } from '../fleet/enrolment.js';
import type { Queryable } from '../store/store.js';

/** A walk test as its event carries it; `result` stays as it came, because the signature is over its text. */
const signedSchema = z.object({
  result: z.looseObject({
    gateway: slugSchema,
    camera: slugSchema,
    line: slugSchema,
    startedAt: utcMsSchema,
    endedAt: utcMsSchema,
    passed: z.boolean(),
  }),
  signature: z.string(),
});

/**
 * Keep a walk test with what its signature proves, by the key that the gateway gave when it enrolled; the key in the
 * event itself proves nothing. A detail that is no walk test stays an event only.
 */
export async function storeWalkTest(
  db: Queryable,
  key: { gateway: string; epoch: string; seq: number },
  detail: string,
): Promise<void> {
  const parsed = signedSchema.safeParse(parseJson(detail));
  if (!parsed.success) return;
  const { result } = parsed.data;
  const problem = await proofProblem(db, key.gateway, detail);
  await db
    .insertInto('walk_test')
    .values({
      ...key,
      camera: result.camera,
      line: result.line,
      started_at: result.startedAt,
      ended_at: result.endedAt,
      passed: result.passed ? 1 : 0,
      verified: problem === null ? 1 : 0,
      problem,
      body: detail,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** @returns why a walk test proves nothing; null when it does */
async function proofProblem(db: Queryable, gateway: string, detail: string): Promise<string | null> {
  // Not what the schema made of it: it may have put the fields in another order.
  const { result, signature } = parseJson(detail) as { result: { gateway: string }; signature: string };
  const row = await db
    .selectFrom('gateway')
    .select('device_key')
    .where('name', '=', gateway)
    .executeTakeFirst();
  const deviceKey = row?.device_key ?? null;
  if (deviceKey === null) return 'the gateway has not enrolled, so its key is unknown';
  if (result.gateway !== gateway) return 'the walk test is of another gateway';
  const signed = isSignedBy(deviceKey, JSON.stringify(result), signature);
  return signed ? null : 'the signature is not that of the enrolled device key';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
