import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import {
  importedSchema,
  lineRefSchema,
  manualAuditSchema,
  manualAuditsSchema,
  newTallySchema,
} from '../schema/manual-audits.js';
import { ListedError, ProblemError } from '../schema/problem.js';
import type { Store } from '../store/store.js';
import { addTally, answerOf, listAudits, readAudit, zoneOfLine } from './audits.js';
import { lineKey } from './evidence.js';
import { readImport } from './import-file.js';
import { prepareImport } from './imports.js';
import { withVerdict } from './stored-verdicts.js';

/** Two thousand rows with notes; four hours of a crowd. */
const FILE_LIMIT_BYTES = 1024 * 1024;
const TALLY_LIMIT_BYTES = 2 * 1024 * 1024;
/** Audits of one answer unless the query names another number. */
const AUDITS = 50;
const MOST_AUDITS = 500;

interface AuditRouteOptions {
  readonly store: Store;
  /** UTC ms. */
  readonly now: () => number;
}

/** `/api/v1/accuracy/audits`, `/tallies` and `/imports`: what people counted at a line. */
export function manualAuditRoutes(app: FastifyInstance, options: AuditRouteOptions): void {
  listRoute(app, options);
  tallyRoute(app, options);
  importRoute(app, options);
  removeRoute(app, options);
}

function listRoute(app: FastifyInstance, { store }: AuditRouteOptions): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/accuracy/audits',
    {
      config: { role: 'viewer', scope: 'counts:read' },
      schema: {
        summary: 'Live tallies and imported counts beside what the machine counted, the newest first',
        querystring: lineRefSchema
          .partial()
          .extend({ limit: z.coerce.number().int().min(1).max(MOST_AUDITS).default(AUDITS) }),
        response: { 200: manualAuditsSchema },
      },
    },
    async ({ query }) => ({ audits: await listAudits(store, query) }),
  );
}

function tallyRoute(app: FastifyInstance, { store, now }: AuditRouteOptions): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/accuracy/tallies',
    {
      config: { role: 'operator' },
      bodyLimit: TALLY_LIMIT_BYTES,
      schema: {
        summary: 'Store what a person counted who stood at the door',
        description:
          'Compared minute by minute with the counts of the same time, as soon as they have arrived. The same tally (same id) again changes nothing.',
        body: newTallySchema,
        response: { 200: manualAuditSchema, 201: manualAuditSchema },
      },
    },
    async (request, reply) => {
      const tally = request.body;
      const known = await store
        .selectFrom('accuracy_audit')
        .selectAll()
        .where('id', '=', tally.id)
        .executeTakeFirst();
      if (known !== undefined) {
        if (lineKey(known) !== lineKey(tally) || known.from_at !== tally.from || known.to_at !== tally.to)
          throw new ProblemError(409, 'id: belongs to another tally; make a new one');
        return answerOf(await readAudit(store, known));
      }
      const { from, to } = tally;
      const sender = senderOf(request);
      const detail = `${new Date(from).toISOString()} to ${new Date(to).toISOString()}`;
      const entry = { ...sender, action: 'accuracy.tally', object: lineKey(tally), detail };
      const row = await recorded(store, entry, now(), (trx) =>
        withVerdict(trx, tally, now(), () => addTally(trx, tally, { auditor: sender.actor, now: now() })),
      );
      return reply.code(201).send(answerOf(await readAudit(store, row)));
    },
  );
}

function importRoute(app: FastifyInstance, { store, now }: AuditRouteOptions): void {
  app.addContentTypeParser(
    'text/csv',
    { parseAs: 'string', bodyLimit: FILE_LIMIT_BYTES },
    (_request, body, done) => done(null, body),
  );
  app.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/accuracy/imports',
    {
      config: { role: 'operator' },
      bodyLimit: FILE_LIMIT_BYTES,
      schema: {
        summary: 'Store manual counts of a line from a CSV file: all rows or none',
        description:
          'Columns from, to (whole minutes with offset, such as 2026-03-02T10:00+07:00), in, out, and optionally light (day, dusk, night, artificial), density (low, medium, high) and note. The counts of every row must be stored without holes. Rows that were imported before change nothing.',
        consumes: ['text/csv'],
        querystring: lineRefSchema,
        body: z.string(),
        response: { 200: importedSchema },
      },
    },
    async (request) => {
      const line = request.query;
      const timeZone = await zoneOfLine(store, line);
      const { rows, errors } = readImport(request.body);
      if (errors.length > 0) throw new ListedError(errors);
      const sender = senderOf(request);
      const entry = {
        ...sender,
        action: 'accuracy.import',
        object: lineKey(line),
        detail: `${rows.length} rows`,
      };
      return recorded(store, entry, now(), (trx) =>
        withVerdict(trx, line, now(), async () => {
          const context = { line, timeZone, auditor: sender.actor, now: now() };
          const prepared = await prepareImport(trx, rows, context);
          if (prepared.errors.length > 0) throw new ListedError(prepared.errors);
          for (const row of prepared.rows) await trx.insertInto('accuracy_audit').values(row).execute();
          return { stored: prepared.rows.length, unchanged: prepared.unchanged };
        }),
      );
    },
  );
}

function removeRoute(app: FastifyInstance, { store, now }: AuditRouteOptions): void {
  app.withTypeProvider<ZodTypeProvider>().delete(
    '/api/v1/accuracy/audits/:id',
    {
      config: { role: 'admin' },
      schema: {
        summary: 'Remove a tally or an imported row that is wrong; the audit log keeps its numbers',
        params: z.object({ id: z.string().max(40) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const row = await store
        .selectFrom('accuracy_audit')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      if (row === undefined) throw new ProblemError(404, 'there is no such audit');
      const { auditor, method, from_at, to_at, truth_in, truth_out } = row;
      const span = `${new Date(from_at).toISOString()} to ${new Date(to_at).toISOString()}`;
      const detail = `${method} of ${auditor}, ${span}, in ${truth_in}, out ${truth_out}`;
      const entry = { ...senderOf(request), action: 'accuracy.remove', object: lineKey(row), detail };
      await recorded(store, entry, now(), (trx) =>
        withVerdict(trx, row, now(), () => trx.deleteFrom('accuracy_audit').where('id', '=', id).execute()),
      );
      return reply.code(204).send(null);
    },
  );
}
