import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { ProblemError } from '../schema/problem.js';
import { madeWebhookSchema, newWebhookSchema, webhooksSchema } from '../schema/webhooks.js';
import type { Vault } from '../security/vault.js';
import type { Store } from '../store/store.js';
import { addWebhook, listWebhooks, removeWebhook } from './webhooks.js';

interface WebhookRouteOptions {
  readonly store: Store;
  readonly vault: Vault;
  /** UTC ms. */
  readonly now: () => number;
}

const config = { role: 'admin' } as const;

/** `/api/v1/webhooks`: where counts are pushed to. */
export function webhookRoutes(app: FastifyInstance, { store, vault, now }: WebhookRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/webhooks',
    { config, schema: { summary: 'Where counts are pushed to', response: { 200: webhooksSchema } } },
    async () => ({ webhooks: await listWebhooks(store) }),
  );
  api.post(
    '/api/v1/webhooks',
    {
      config,
      schema: {
        summary: 'Push every quarter of an hour to a URL, signed',
        body: newWebhookSchema,
        response: { 201: madeWebhookSchema },
      },
    },
    async (request, reply) => {
      const { url, site } = request.body;
      const known = await store.selectFrom('site').select('name').execute();
      if (site !== null && !known.some(({ name }) => name === site))
        throw new ProblemError(404, `site: there is no site "${site}"`);
      const sender = senderOf(request);
      const entry = { ...sender, action: 'webhook.add', object: new URL(url).host };
      const made = await recorded(store, entry, now(), (trx) =>
        addWebhook(trx, vault, { url, site, createdBy: sender.actor }, now()),
      );
      return reply.code(201).send(made);
    },
  );
  api.delete(
    '/api/v1/webhooks/:id',
    {
      config,
      schema: { summary: 'Push no more', params: z.object({ id: z.uuid() }), response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { id } = request.params;
      const entry = { ...senderOf(request), action: 'webhook.remove', object: id };
      await recorded(store, entry, now(), async (trx) => {
        if (!(await removeWebhook(trx, id))) throw new ProblemError(404, 'there is no such webhook');
      });
      return reply.code(204).send(null);
    },
  );
}
