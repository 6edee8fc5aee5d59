import { RELEASES_PATH } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ProblemError } from '../schema/problem.js';
import type { Releases } from './releases.js';

/** `GET /gateway/v1/releases/:file`: a package for a gateway, which logs in with its certificate. */
export function releaseRoutes(app: FastifyInstance, { releases }: { readonly releases: Releases }): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    `${RELEASES_PATH}/:file`,
    {
      config: { gateway: true },
      schema: { hide: true, params: z.object({ file: z.string().max(200) }) },
    },
    async ({ params }, reply) => {
      const release = await releases.open(params.file);
      if (release === undefined) throw new ProblemError(404, 'there is no such release');
      return reply
        .header('content-length', release.size)
        .type('application/vnd.debian.binary-package')
        .send(release.stream);
    },
  );
}
