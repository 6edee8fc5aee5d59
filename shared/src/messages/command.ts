import { z } from 'zod';
import { utcMsSchema, versionSchema } from '../envelope.js';

/**
 * A request to one gateway. `watch` asks for live messages until the deadline and is renewed by the collector for as
 * long as somebody looks at the console, so a lost "stop" cannot leave a gateway talking for ever.
 */
export const commandMessageSchema = z.object({
  v: versionSchema,
  id: z.uuid(),
  kind: z.enum(['watch']),
  deadline: utcMsSchema,
});

/** What became of a command. */
export const resultMessageSchema = z.object({
  v: versionSchema,
  id: z.uuid(),
  outcome: z.enum(['done', 'failed', 'expired', 'unsupported']),
  detail: z.string().max(1000),
});

export type CommandMessage = z.infer<typeof commandMessageSchema>;
export type ResultMessage = z.infer<typeof resultMessageSchema>;
