import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import {
  incidentDetailSchema,
  incidentIdSchema,
  incidentListSchema,
  incidentQuerySchema,
  incidentReportSchema,
  newIncidentSchema,
} from '../schema/incidents.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable, Store } from '../store/store.js';
import type { IncidentRow } from '../store/tables-incidents.js';
import { actionRoutes } from './action-routes.js';
import { lockOpening, openIncident, type NewIncident, type StepsOf } from './incidents.js';
import { incidentDetail, listIncidents } from './read.js';
import { reportOf } from './report.js';
import { reviewRoutes } from './review-routes.js';

const DAY_MS = 24 * 3_600_000;
const KINDS = ['site', 'gateway', 'camera'] as const;

/** What the routes need. */
export interface IncidentRouteOptions {
  readonly store: Store;
  /** UTC ms. */
  readonly now: () => number;
  /** Runbooks, copied when an incident begins. */
  readonly stepsOf: StepsOf;
  /** Called after an incident changed, so that open pages see it. */
  readonly onIncident: (incident: string) => void;
}

/** `/api/v1/incidents` and what stands below it. */
export function incidentRoutes(app: FastifyInstance, options: IncidentRouteOptions): void {
  readRoutes(app, options);
  openRoute(app, options);
  actionRoutes(app, options);
  reviewRoutes(app, options);
}

function readRoutes(app: FastifyInstance, { store, now }: IncidentRouteOptions): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/incidents',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'Incidents, the open ones first',
        querystring: incidentQuerySchema,
        response: { 200: incidentListSchema },
      },
    },
    ({ query }) => listIncidents(store, query, now()),
  );
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/incidents/report',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'Response against the targets, and mean times to acknowledge and to resolve, by severity',
        querystring: z.object({ days: z.coerce.number().int().min(1).max(400).default(28) }),
        response: { 200: incidentReportSchema },
      },
    },
    ({ query }) => reportOf(store, { from: now() - query.days * DAY_MS, to: now() }),
  );
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/incidents/:id',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'One incident with its timeline, alerts, impact and checklist',
        params: incidentIdSchema,
        response: { 200: incidentDetailSchema },
      },
    },
    ({ params }) => incidentDetail(store, params.id, now()),
  );
}

function openRoute(app: FastifyInstance, { store, now, onIncident, stepsOf }: IncidentRouteOptions): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/incidents',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Open an incident by hand',
        body: newIncidentSchema,
        response: { 201: incidentDetailSchema },
      },
    },
    async (request, reply) => {
      const { title, severity, asset, note } = request.body;
      const sender = senderOf(request);
      const by = { actor: sender.actor, channel: 'console' } as const;
      const at = now();
      const { id } = await recorded(
        store,
        (opened: IncidentRow) => ({ ...sender, action: 'incident.open', object: opened.id, detail: title }),
        at,
        async (trx) => {
          await lockOpening(trx);
          const place = asset === undefined ? null : await assetOf(trx, asset);
          const incident: NewIncident = {
            ...{ groupKey: null, title: { en: title, vi: title }, severity, asset: place },
            ...{ since: at, runbook: '' },
          };
          return openIncident(trx, incident, { by, stepsOf, text: note }, at);
        },
      );
      onIncident(id);
      return reply.code(201).send(await incidentDetail(store, id, at));
    },
  );
}

/** @throws ProblemError 400 for a place that is not in the fleet */
async function assetOf(trx: Queryable, path: string): Promise<NonNullable<NewIncident['asset']>> {
  const [site = '', gateway, camera] = path.split('/');
  let query = trx.selectFrom('site').leftJoin('gateway', 'gateway.site', 'site.name');
  query = query.where('site.name', '=', site);
  if (gateway !== undefined) query = query.where('gateway.name', '=', gateway);
  const place = await query.select('site.name').executeTakeFirst();
  const known = camera === undefined ? undefined : await cameraName(trx, gateway ?? '', camera);
  if (place === undefined || (camera !== undefined && known === undefined))
    throw new ProblemError(400, `asset: "${path}" is not in the fleet; see GET /api/v1/gateways`);
  const kind = KINDS[path.split('/').length - 1] ?? 'site';
  return { kind, path, name: known ?? gateway ?? site };
}

async function cameraName(trx: Queryable, gateway: string, camera: string): Promise<string | undefined> {
  const row = await trx
    .selectFrom('camera')
    .select('name')
    .where('gateway', '=', gateway)
    .where('id', '=', camera)
    .executeTakeFirst();
  return row?.name;
}
