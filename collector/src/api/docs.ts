import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/** Hash of the one style element that the pages write themselves; the package's version is pinned. */
const STYLE = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";

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
      transformStaticCSP: (policy) =>
        `${policy.replaceAll(' https:', '').replace("style-src 'self'", `style-src 'self' ${STYLE}`)}; style-src-attr 'unsafe-inline'`,
      uiConfig: { docExpansion: 'list', validatorUrl: null, withCredentials: true },
      theme: { title: 'Headcount API' },
    });
  });
}
