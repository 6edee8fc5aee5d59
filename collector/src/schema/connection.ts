import { z } from 'zod';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const count = z.int().min(0);

export const connectionSchema = z.object({
  collector: z
    .string()
    .describe(
      'of several collectors, the one that answers: each knows what came to it, and nothing of the others',
    ),
  countingSince: utcMs.describe('start of this collector; the numbers begin there'),
  connected: z
    .object({
      since: utcMs,
      address: z.string().nullable().describe('for operators and above; null for others and for API tokens'),
      protocol: z.enum(['tcp', 'tls', 'websocket']),
      login: z.enum(['password', 'certificate']),
    })
    .nullable()
    .describe('null while it is not connected to this collector'),
  lastPacketAt: utcMs.nullable(),
  messagesIn: count.describe('from the gateway'),
  messagesOut: count.describe('to the gateway'),
  bytesIn: count.describe('all bytes of its connections after the login'),
  bytesOut: count.describe('all bytes to it'),
  connects: count,
  refused: count.describe(
    'messages, subscriptions and logins that were refused although the gateway was known',
  ),
  slowedMs: count.describe('for how long it was not read because it sent too fast (ms)'),
});

/** How a gateway is connected, and what it has sent and received. */
export type Connection = z.infer<typeof connectionSchema>;
