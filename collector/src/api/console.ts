import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../schema/problem.js';

/** What the build writes where the nonce of an answer belongs. */
const NONCE = '__CSP_NONCE__';

/** The console's own files are open: they hold nothing secret, and the login page is one of them. */
export async function consoleRoutes(app: FastifyInstance, webRoot: string): Promise<void> {
  const config = { public: true } as const;
  const index = join(webRoot, 'index.html');
  if (!existsSync(index)) {
    app.get('/', { config, schema: { hide: true } }, () => {
      throw new ProblemError(503, 'the console has not been built; run "npm run build"');
    });
    return;
  }
  const html = readFileSync(index, 'utf8');
  app.get('/', { config, schema: { hide: true } }, (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(html.replaceAll(NONCE, reply.cspNonce.style)),
  );
  await app.register(async (pages) => {
    pages.addHook('onRoute', (route) => {
      route.config = { ...route.config, ...config };
    });
    await pages.register(fastifyStatic, { root: webRoot, wildcard: false, index: false });
  });
}
