import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { toMarkdown } from '../documents/markdown.js';
import { toPdf } from '../documents/pdf.js';
import { incidentIdSchema, reasonSchema } from '../schema/incidents.js';
import { lessonsSchema, newActionItemSchema, reviewSchema, reviewSectionsSchema } from '../schema/reviews.js';
import type { Queryable } from '../store/store.js';
import { addActionItem, moveActionItem } from './action-items.js';
import type { Doing } from './actions.js';
import { findLessons, reviewAnswer, reviewDocument } from './review-read.js';
import { moveReview, startReview, writeReview } from './reviews.js';
import type { IncidentRouteOptions } from './routes.js';

const MOVES = ['submit', 'return', 'approve', 'close'] as const;
const language = z.object({ lang: z.enum(['en', 'vi']).default('en').describe('of drafted texts') });

/** `/api/v1/incidents/{id}/review` and what stands below it, and the library of lessons. */
export function reviewRoutes(app: FastifyInstance, options: IncidentRouteOptions): void {
  readRoutes(app, options);
  writeRoutes(app, options);
  moveRoutes(app, options);
  actionItemRoutes(app, options);
}

function readRoutes(app: FastifyInstance, { store, now }: IncidentRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/incidents/lessons',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'What was learnt from incidents, searched by a text',
        querystring: z.object({ q: z.string().trim().max(100).default('') }),
        response: { 200: lessonsSchema },
      },
    },
    async ({ query }) => ({ lessons: await findLessons(store, query.q, now()) }),
  );
  api.get(
    '/api/v1/incidents/:id/review',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'The review of an incident; what nobody wrote is drafted from its timeline',
        ...{ params: incidentIdSchema, querystring: language, response: { 200: reviewSchema } },
      },
    },
    ({ params, query }) => reviewAnswer(store, params.id, query.lang, now()),
  );
  api.get(
    '/api/v1/incidents/:id/review.md',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'The review as a Markdown document',
        ...{ params: incidentIdSchema, querystring: language, produces: ['text/markdown'] },
      },
    },
    async ({ params, query }, reply) => {
      const text = toMarkdown(await reviewDocument(store, params.id, query.lang, now()));
      return reply
        .type('text/markdown; charset=utf-8')
        .header('content-disposition', `attachment; filename="${params.id}.md"`)
        .send(text);
    },
  );
  api.get(
    '/api/v1/incidents/:id/review.pdf',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'The review as a PDF document',
        ...{ params: incidentIdSchema, querystring: language, produces: ['application/pdf'] },
      },
    },
    async ({ params, query }, reply) => {
      const file = await toPdf(await reviewDocument(store, params.id, query.lang, now()));
      return reply
        .type('application/pdf')
        .header('content-disposition', `attachment; filename="${params.id}.pdf"`)
        .send(file);
    },
  );
}

/** Make a change with its entry in the audit log, and answer with the review. */
async function change(
  { store, now, onIncident }: IncidentRouteOptions,
  request: FastifyRequest,
  { id, what, detail, lang }: { id: string; what: string; detail?: string; lang: 'en' | 'vi' },
  work: (trx: Queryable, doing: Doing) => Promise<void>,
) {
  const sender = senderOf(request);
  const doing = { by: { actor: sender.actor, channel: 'console' }, now: now() } as const;
  const entry = { ...sender, action: `review.${what}`, object: id, detail };
  await recorded(store, entry, doing.now, (trx) => work(trx, doing));
  onIncident(id);
  return reviewAnswer(store, id, lang, doing.now);
}

function writeRoutes(app: FastifyInstance, options: IncidentRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const common = { params: incidentIdSchema, querystring: language, response: { 200: reviewSchema } };
  api.post(
    '/api/v1/incidents/:id/review',
    {
      config: { role: 'operator' },
      schema: { summary: 'Begin the review of an incident that needs none', ...common },
    },
    (request) => {
      const [{ id }, { lang }] = [request.params, request.query];
      return change(options, request, { id, what: 'start', lang }, (trx, doing) =>
        startReview(trx, id, doing),
      );
    },
  );
  api.put(
    '/api/v1/incidents/:id/review',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Write sections of a review; what is left out stays',
        body: reviewSectionsSchema,
        ...common,
      },
    },
    (request) => {
      const [{ id }, { lang }] = [request.params, request.query];
      return change(options, request, { id, what: 'write', lang }, (trx, { now }) =>
        writeReview(trx, id, request.body, now),
      );
    },
  );
}

function moveRoutes(app: FastifyInstance, options: IncidentRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const common = { querystring: language, response: { 200: reviewSchema } };
  api.post(
    '/api/v1/incidents/:id/review/waive',
    {
      config: { role: 'admin' },
      schema: {
        summary: 'Do without a review, with a reason; closes the incident',
        ...{ params: incidentIdSchema, body: reasonSchema, ...common },
      },
    },
    (request) => {
      const [{ id }, { lang }, { reason }] = [request.params, request.query, request.body];
      return change(options, request, { id, what: 'waive', detail: reason, lang }, (trx, doing) =>
        moveReview(trx, id, { move: 'waive', reason }, doing),
      );
    },
  );
  api.post(
    '/api/v1/incidents/:id/review/:move',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Submit a review, return it, approve it as another person, or close it and its incident',
        ...{ params: incidentIdSchema.extend({ move: z.enum(MOVES) }), ...common },
      },
    },
    (request) => {
      const [{ id, move }, { lang }] = [request.params, request.query];
      return change(options, request, { id, what: move, lang }, (trx, doing) =>
        moveReview(trx, id, { move }, doing),
      );
    },
  );
}

function actionItemRoutes(app: FastifyInstance, options: IncidentRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const common = { querystring: language, response: { 200: reviewSchema } };
  api.post(
    '/api/v1/incidents/:id/review/actions',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Add an action item',
        ...{ params: incidentIdSchema, body: newActionItemSchema, ...common },
      },
    },
    (request) => {
      const [{ id }, { lang }, item] = [request.params, request.query, request.body];
      return change(options, request, { id, what: 'action', detail: item.text, lang }, (trx, doing) =>
        addActionItem(trx, id, item, doing),
      );
    },
  );
  api.post(
    '/api/v1/incidents/:id/review/actions/:item/:step',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Say that an action item is done; verify one as another person',
        params: incidentIdSchema.extend({ item: z.string().max(50), step: z.enum(['done', 'verify']) }),
        ...common,
      },
    },
    (request) => {
      const [{ id, item, step }, { lang }] = [request.params, request.query];
      return change(options, request, { id, what: `action-${step}`, detail: item, lang }, (trx, doing) =>
        moveActionItem(trx, { incident: id, item, step }, doing),
      );
    },
  );
}
