import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { BUCKETS, countsQuerySchema, countsSchema, type CountsQuery } from '../schema/counts.js';
import { ProblemError } from '../schema/problem.js';
import type { Store } from '../store/store.js';
import { countBuckets, type CountsPage } from './counts.js';
import { toCsv, toXlsx } from './export.js';

const DAY_MS = 24 * 3_600_000;
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** `GET /api/v1/counts`. */
export function countRoutes(app: FastifyInstance, options: { store: Store; now: () => number }): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/counts',
    {
      config: { role: 'viewer', scope: 'counts:read' },
      schema: {
        summary: 'Counts of lines and zones by bucket, with how much of the time was observed',
        description:
          'One row per line or zone (or their sum per camera or site) and bucket, also where nothing is stored. As JSON a page at a time; as CSV or XLSX with every time in the zone of its site.',
        querystring: countsQuerySchema,
        response: { 200: countsSchema },
      },
    },
    async ({ query }, reply) => {
      checkRange(query);
      const page = await countBuckets(options.store, query, options.now());
      if (query.format === 'json') {
        // The rows are made here, by this shape: checking thousands of them again takes longer than reading them.
        reply.serializer(JSON.stringify);
        return { bucket: query.bucket, ...page };
      }
      return sendFile(options.store, query.format, page, reply);
    },
  );
}

function checkRange({ from, to, bucket, of, zone, line }: CountsQuery): void {
  const longest = BUCKETS[bucket];
  if (to <= from) throw new ProblemError(400, '"to" must lie after "from"');
  if (to - from > longest * DAY_MS) {
    throw new ProblemError(
      400,
      `a range by ${bucket} may span ${longest} days; ask for less or a larger bucket`,
    );
  }
  if (line !== undefined && (zone !== undefined || of === 'zones'))
    throw new ProblemError(400, 'line: cannot be asked for together with zones; ask twice');
  if (zone !== undefined && of === 'lines') throw new ProblemError(400, 'zone: needs of=zones');
}

async function sendFile(
  store: Store,
  format: 'csv' | 'xlsx',
  { buckets, next }: CountsPage,
  reply: FastifyReply,
): Promise<never> {
  // A file that ends in the middle would be taken for the whole.
  if (next !== null)
    throw new ProblemError(
      400,
      `limit: there are more than ${buckets.length} rows; ask for a shorter range, a larger bucket or a higher limit`,
    );
  const sites = await store.selectFrom('site').select(['name', 'time_zone']).execute();
  const zones = new Map(sites.map(({ name, time_zone }) => [name, time_zone]));
  const rows = buckets.map((bucket) => ({ ...bucket, timeZone: zones.get(bucket.site) ?? 'UTC' }));
  reply.header('content-disposition', `attachment; filename="counts.${format}"`);
  return format === 'csv'
    ? (reply.type('text/csv; charset=utf-8').send(toCsv(rows)) as never)
    : (reply.type(XLSX).send(await toXlsx(rows)) as never);
}
