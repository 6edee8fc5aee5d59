import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';

/** Hash of the one style element that the pages write themselves; the package's version is pinned. */
const STYLE = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";

/** What the document says of a route: its schemas in JSON, under the name of what it is about (`/api/v1/counts/…`: counts). */
export const describeRoute: typeof jsonSchemaTransform = (route) => {
  const { schema, url } = jsonSchemaTransform(route);
  const about = /^\/api\/v1\/([^/]+)/.exec(url)?.[1];
  return { schema: about === undefined ? schema : { ...schema, tags: [about] }, url };
};

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
      // Closed: to draw all routes at once takes a browser half a minute.
      uiConfig: { docExpansion: 'none', tagsSorter: 'alpha', validatorUrl: null, withCredentials: true },
      theme: { title: 'Headcount API' },
    });
  });
}
