import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { sql } from 'kysely';
import { z } from 'zod';
import { ledgerSchema } from '../schema/counts.js';
import { decodeCursor, encodeCursor } from '../schema/cursor.js';
import type { Store } from '../store/store.js';

const ROWS = 200;
/** The key of the last row of a page. */
const placeSchema = z.tuple([z.number(), z.string(), z.string(), z.string(), z.string()]);

/** `GET /api/v1/ledger`: counts that totals prove missing, the newest first. */
export function ledgerRoutes(app: FastifyInstance, { store }: { store: Store }): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/ledger',
    {
      config: { role: 'viewer', scope: 'counts:read' },
      schema: {
        summary: 'Counts that the never-reset totals of a line have and its stored intervals have not',
        querystring: z.object({ cursor: z.string().max(400).optional() }),
        response: { 200: ledgerSchema },
      },
    },
    async ({ query }) => {
      let rows = store
        .selectFrom('ledger_gap')
        .selectAll()
        .limit(ROWS + 1);
      for (const column of ['from_at', 'gateway', 'epoch', 'camera', 'line'] as const)
        rows = rows.orderBy(column, 'desc');
      if (query.cursor !== undefined) {
        const [from, gateway, epoch, camera, line] = decodeCursor(query.cursor, placeSchema);
        const place = sql`(${from}, ${gateway}, ${epoch}, ${camera}, ${line})`;
        rows = rows.where(sql<boolean>`(from_at, gateway, epoch, camera, line) < ${place}`);
      }
      const found = await rows.execute();
      const last = found.length > ROWS ? found[ROWS - 1] : undefined;
      return {
        gaps: found.slice(0, ROWS).map(({ gateway, camera, line, ...gap }) => ({
          ...{ gateway, camera, line, from: gap.from_at, to: gap.to_at },
          ...{ missingIn: gap.missing_in, missingOut: gap.missing_out, foundAt: gap.found_at },
        })),
        next: last ? encodeCursor([last.from_at, last.gateway, last.epoch, last.camera, last.line]) : null,
      };
    },
  );
}
