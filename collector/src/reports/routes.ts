import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { toMarkdown } from '../documents/markdown.js';
import { toPdf } from '../documents/pdf.js';
import {
  proposalsSchema,
  reportCsvQuerySchema,
  reportFileQuerySchema,
  reportQuerySchema,
  reportSchema,
} from '../schema/reports.js';
import type { Store } from '../store/store.js';
import { toCsv } from './csv.js';
import { outcomesOf } from './outcomes.js';
import { pagesOf } from './pages.js';
import { reportDocument } from './paper.js';
import { proposalsFor } from './proposals.js';
import { oncallReport } from './report.js';
import { spanOf, type ReportSpan } from './span.js';

interface ReportRouteOptions {
  readonly store: Store;
  /** IANA zone of a report that names none. */
  readonly defaultTimeZone: string;
  /** UTC ms. */
  readonly now: () => number;
}

const read = { role: 'viewer', scope: 'fleet:read' } as const;

/** `/api/v1/reports/on-call`: how on-call went in a span of days, to look at and to keep. */
export function reportRoutes(app: FastifyInstance, options: ReportRouteOptions): void {
  const { store, defaultTimeZone, now } = options;
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/reports/on-call',
    {
      config: read,
      schema: {
        summary: 'Who was paged when, whether there was something to do, and which rules were noise',
        querystring: reportQuerySchema,
        response: { 200: reportSchema },
      },
    },
    ({ query }) => oncallReport(store, spanOf(query, defaultTimeZone), now()),
  );
  api.get(
    '/api/v1/reports/on-call/proposals',
    {
      config: read,
      schema: {
        summary: 'What would make the loudest rules quieter without missing anything, by what is stored',
        querystring: reportQuerySchema,
        response: { 200: proposalsSchema },
      },
    },
    async ({ query }) => ({ proposals: await proposalsOf(store, spanOf(query, defaultTimeZone)) }),
  );
  fileRoutes(app, options);
}

function fileRoutes(app: FastifyInstance, { store, defaultTimeZone, now }: ReportRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const documentOf = async (query: Parameters<typeof spanOf>[0], lang: 'en' | 'vi') => {
    const span = spanOf(query, defaultTimeZone);
    return reportDocument(await oncallReport(store, span, now()), await proposalsOf(store, span), lang);
  };
  api.get(
    '/api/v1/reports/on-call.csv',
    {
      config: read,
      schema: {
        ...{ summary: 'One table of the report as CSV', querystring: reportCsvQuerySchema },
        produces: ['text/csv'],
      },
    },
    async ({ query }, reply) => {
      const report = await oncallReport(store, spanOf(query, defaultTimeZone), now());
      return attach(reply, `on-call-${query.table}-${query.from}.csv`, 'text/csv; charset=utf-8').send(
        toCsv(report, query.table),
      );
    },
  );
  api.get(
    '/api/v1/reports/on-call.md',
    {
      config: read,
      schema: {
        ...{ summary: 'The report as a Markdown document', querystring: reportFileQuerySchema },
        produces: ['text/markdown'],
      },
    },
    async ({ query }, reply) =>
      attach(reply, `on-call-${query.from}.md`, 'text/markdown; charset=utf-8').send(
        toMarkdown(await documentOf(query, query.lang)),
      ),
  );
  api.get(
    '/api/v1/reports/on-call.pdf',
    {
      config: read,
      schema: {
        ...{ summary: 'The report as a PDF document', querystring: reportFileQuerySchema },
        produces: ['application/pdf'],
      },
    },
    async ({ query }, reply) =>
      attach(reply, `on-call-${query.from}.pdf`, 'application/pdf').send(
        await toPdf(await documentOf(query, query.lang)),
      ),
  );
}

async function proposalsOf(store: Store, span: ReportSpan) {
  const calls = await pagesOf(store, span);
  return proposalsFor(store, span, { calls, outcomes: await outcomesOf(store, span) });
}

function attach(reply: FastifyReply, name: string, type: string): FastifyReply {
  return reply.type(type).header('content-disposition', `attachment; filename="${name}"`);
}
