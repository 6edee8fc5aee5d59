import { slugSchema } from '@headcount/shared';
import { z } from 'zod';

const utcMs = z.int().describe('UTC milliseconds since 1970');

/** The address of a receiver: over TLS, except on this machine. */
export const httpsTarget = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine(
    (url) => url.startsWith('https:') || /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/.test(url),
    'must begin with https:// (http:// only for this machine)',
  );

export const newWebhookSchema = z.object({
  url: httpsTarget,
  site: slugSchema.nullable().default(null).describe('only counts of this site; null for all'),
});

export const madeWebhookSchema = z.object({
  id: z.uuid(),
  secret: z.string().describe('shown this once; key of the signature'),
});

const webhookSchema = z.object({
  id: z.uuid(),
  url: z.string(),
  site: slugSchema.nullable(),
  createdBy: z.string(),
  createdAt: utcMs,
  nextAt: utcMs.describe('start of the quarter of an hour that is sent next'),
  deliveredAt: utcMs.nullable(),
  attempts: z.int().describe('failed tries in a row'),
  problem: z.string().nullable().describe('why the newest try failed'),
});

export const webhooksSchema = z.object({ webhooks: z.array(webhookSchema) });

export type Webhook = z.infer<typeof webhookSchema>;
