import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/** `GET /api/v1/openapi.json` and the pages that show it, at `/api/docs`; for who is logged in. */
export async function docsRoutes(app: FastifyInstance): Promise<void> {
  app.get('/api/v1/openapi.json', { config: { role: 'viewer' }, schema: { hide: true } }, async () =>
    Promise.resolve(app.swagger()),
  );
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, role: 'viewer' };
    });
    await docs.register(swaggerUi, {
      routePrefix: '/api/docs',
      // Its own policy names the hashes of its inline parts; nothing is loaded from elsewhere.
      staticCSP: true,
      uiConfig: { docExpansion: 'list', validatorUrl: null, withCredentials: true },
      theme: { title: 'Headcount API' },
    });
  });
}
