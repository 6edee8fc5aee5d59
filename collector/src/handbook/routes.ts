import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import {
  handbookListSchema,
  handbookPageQuerySchema,
  handbookPageSchema,
  handbookParamsSchema,
  handbookQuerySchema,
} from '../schema/handbook.js';
import { ProblemError } from '../schema/problem.js';
import type { Handbook } from './handbook.js';

/** `/api/v1/handbook`: runbooks and guides. */
export function handbookRoutes(app: FastifyInstance, handbook: Handbook): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/handbook',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'Runbooks and guides, all or those that a search finds',
        querystring: handbookQuerySchema,
        response: { 200: handbookListSchema },
      },
    },
    ({ query }) => handbook.list(query.language, query.q),
  );
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/handbook/:slug',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'One runbook or guide as Markdown',
        params: handbookParamsSchema,
        querystring: handbookPageQuerySchema,
        response: { 200: handbookPageSchema },
      },
    },
    ({ params, query }) => {
      const page = handbook.page(params.slug, query.language);
      if (page === undefined)
        throw new ProblemError(
          404,
          `the handbook has no page "${params.slug}"; GET /api/v1/handbook lists them`,
        );
      return page;
    },
  );
}
