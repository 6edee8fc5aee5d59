import { slugSchema } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import {
  acceptFindingSchema,
  findingsSchema,
  scanAnswerSchema,
  scanSchema,
} from '../schema/vulnerabilities.js';
import type { Store } from '../store/store.js';
import { acceptFinding, listFindings, takeScan } from './findings.js';

/** A scan of five thousand findings. */
const SCAN_LIMIT_BYTES = 5 * 2 ** 20;

/** `/api/v1/vulnerabilities`: what scanners found in the software that runs here. */
export function vulnerabilityRoutes(
  app: FastifyInstance,
  { store, now }: { readonly store: Store; /** UTC ms. */ readonly now: () => number },
): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/vulnerabilities',
    {
      config: { role: 'operator', scope: 'audit:read' },
      schema: {
        summary: 'Findings that are not fixed, the one that is due first comes first',
        response: { 200: findingsSchema },
      },
    },
    async () => ({ findings: await listFindings(store) }),
  );
  api.put(
    '/api/v1/vulnerabilities/:source',
    {
      config: { role: 'admin', scope: 'vulnerabilities:write' },
      bodyLimit: SCAN_LIMIT_BYTES,
      schema: {
        summary: 'All that a scanner finds now; what it does not name any more is fixed',
        params: z.object({ source: slugSchema }),
        body: scanSchema,
        response: { 200: scanAnswerSchema },
      },
    },
    async (request) => {
      const { source } = request.params;
      const sender = senderOf(request);
      return recorded(
        store,
        (answer) => ({
          ...{ ...sender, action: 'vulnerability.scan', object: source, detail: JSON.stringify(answer) },
        }),
        now(),
        (trx) => takeScan(trx, source, request.body.findings, now()),
      );
    },
  );
  api.post(
    '/api/v1/vulnerabilities/:id/acceptance',
    {
      config: { role: 'admin' },
      schema: {
        summary: 'Live with a finding until a day, for a reason',
        params: z.object({ id: z.uuid() }),
        body: acceptFindingSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { until, reason } = request.body;
      const sender = senderOf(request);
      const entry = { ...sender, action: 'vulnerability.accept', object: id, detail: reason };
      await recorded(store, entry, now(), (trx) =>
        acceptFinding(trx, id, { until, reason, by: sender.actor }, now()),
      );
      return reply.code(204).send(null);
    },
  );
}
