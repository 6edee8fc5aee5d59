import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { countsQuerySchema, countsSchema } from '../schema/api.js';
import { ProblemError } from '../schema/problem.js';
import type { Store } from '../store/store.js';
import { countBuckets } from './counts.js';

const DAY_MS = 24 * 3_600_000;
/** Longest range per bucket size: bounds one answer to about a few thousand buckets a line. */
const LONGEST_RANGE_MS = { minute: 2 * DAY_MS, hour: 62 * DAY_MS, day: 400 * DAY_MS };

/** `GET /api/v1/counts`. */
export function countRoutes(app: FastifyInstance, options: { store: Store; now: () => number }): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/counts',
    {
      schema: {
        summary: 'Crossings by minute, hour or site day, with how much of the time was observed',
        querystring: countsQuerySchema,
        response: { 200: countsSchema },
      },
    },
    async ({ query }) => {
      const longest = LONGEST_RANGE_MS[query.bucket];
      if (query.to <= query.from) throw new ProblemError(400, '"to" must lie after "from"');
      if (query.to - query.from > longest) {
        throw new ProblemError(
          400,
          `a range by ${query.bucket} may span ${longest / DAY_MS} days; ask for less or a larger bucket`,
        );
      }
      return { bucket: query.bucket, buckets: await countBuckets(options.store, query, options.now()) };
    },
  );
}
