import type { FastifyInstance } from 'fastify';
import type { Bundle } from '../diagnostics/diagnostics.js';

/** `GET /api/diagnostics.tar.gz`: everything that support needs, without secrets and pictures. */
export function diagnosticsRoutes(app: FastifyInstance, bundle: () => Bundle): void {
  app.get('/api/diagnostics.tar.gz', async (_request, reply) => {
    const { name, body } = bundle();
    return reply
      .header('content-disposition', `attachment; filename="${name}.tar.gz"`)
      .type('application/gzip')
      .send(body);
  });
}
