import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.js';
import { checkAll, type Probe } from './readiness.js';

/** What the routes need. */
export interface ObservabilityOptions {
  readonly metrics: Metrics;
  readonly probes: readonly Probe[];
}

/** `/livez` and `/healthz` for everybody, `/readyz` with reasons and `/metrics` for who may know. */
export function observabilityRoutes(app: FastifyInstance, { metrics, probes }: ObservabilityOptions): void {
  const schema = { hide: true } as const;
  app.get('/livez', { config: { public: true }, schema }, () => ({ status: 'ok' }));
  app.get('/healthz', { config: { public: true }, schema }, async (_request, reply) => {
    const checks = await checkAll(probes);
    const fine = checks.every(({ problem }) => problem === undefined);
    return reply.code(fine ? 200 : 503).send({ status: fine ? 'ok' : 'failing' });
  });
  app.get(
    '/readyz',
    { config: { role: 'viewer', scope: 'metrics:read' }, schema },
    async (_request, reply) => {
      const checks = await checkAll(probes);
      const failing = checks.filter(({ problem }) => problem !== undefined);
      const components = checks.map(({ component, problem }) => ({
        component,
        ok: problem === undefined,
        problem,
      }));
      return reply
        .code(failing.length === 0 ? 200 : 503)
        .send({ status: failing.length === 0 ? 'ready' : 'not ready', components });
    },
  );
  app.get(
    '/metrics',
    { config: { role: 'viewer', scope: 'metrics:read' }, schema },
    async (_request, reply) => {
      const { contentType, body } = await metrics.text();
      return reply.type(contentType).send(body);
    },
  );
}
