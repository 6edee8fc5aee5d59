import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import {
  alertDetailSchema,
  alertmanagerAnswerSchema,
  alertmanagerSchema,
  alertRuleSchema,
  alertRulesSchema,
  alertsQuerySchema,
  alertsSchema,
  dryRunQuerySchema,
  dryRunSchema,
  resolveAlertSchema,
  ruleOverrideSchema,
} from '../schema/alerts.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable, Store } from '../store/store.js';
import { takeAlertmanager } from './alertmanager.js';
import { dryRun } from './dry-run.js';
import { listAlerts, readAlert, ruleAnswer } from './list.js';
import { resolveByHand } from './resolve.js';
import { historyRoutes } from './rule-routes.js';
import { checkOverride, currentRule, currentRules, saveOverride } from './rules.js';
import { silenceRoutes } from './silence-routes.js';

/** What the routes need. */
export interface AlertRouteOptions {
  readonly store: Store;
  /** UTC ms. */
  readonly now: () => number;
  /** Called when a person ends an alert, in the transaction that says so. @returns the incident that changes with it */
  readonly onResolved: (trx: Queryable, alert: string) => Promise<string | undefined>;
  /** Called after an incident changed, so that open pages see it. */
  readonly onIncident: (incident: string) => void;
}

const read = { role: 'viewer', scope: 'fleet:read' } as const;
/** Alertmanager sends a group at once; five thousand alerts of a kilobyte. */
const WEBHOOK_LIMIT_BYTES = 5 * 2 ** 20;

/** `/api/v1/alerts`, `/api/v1/alert-rules` and what Alertmanager sends. */
export function alertRoutes(app: FastifyInstance, options: AlertRouteOptions): void {
  const { store, now, onResolved, onIncident } = options;
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/alerts',
    {
      config: read,
      schema: {
        summary: 'Alerts: what is wrong',
        querystring: alertsQuerySchema,
        response: { 200: alertsSchema },
      },
    },
    async ({ query }) => listAlerts(store, query, now()),
  );
  api.get(
    '/api/v1/alerts/:id',
    {
      config: read,
      schema: {
        summary: 'One alert with its history',
        params: z.object({ id: z.string().max(64) }),
        response: { 200: alertDetailSchema },
      },
    },
    async ({ params }) => {
      const alert = await readAlert(store, params.id, now());
      if (alert === undefined) throw new ProblemError(404, 'there is no such alert');
      return alert;
    },
  );
  api.post(
    '/api/v1/alerts/:id/resolve',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'End an alert that does not end by itself, with a reason',
        params: z.object({ id: z.string().max(64) }),
        body: resolveAlertSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { reason } = request.body;
      const entry = { ...senderOf(request), action: 'alert.resolve', object: id, detail: reason };
      const incident = await recorded(store, entry, now(), async (trx) => {
        await resolveByHand(trx, { id, reason, by: request.username }, now());
        return onResolved(trx, id);
      });
      if (incident !== undefined) onIncident(incident);
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/api/v1/alertmanager',
    {
      config: { role: 'admin', scope: 'alerts:write' },
      bodyLimit: WEBHOOK_LIMIT_BYTES,
      schema: {
        summary: "Takes the webhook of Prometheus' Alertmanager (version 4)",
        body: alertmanagerSchema,
        response: { 200: alertmanagerAnswerSchema },
      },
    },
    async ({ body }) => ({
      taken: await store.transaction().execute((trx) => takeAlertmanager(trx, body, now())),
    }),
  );
  ruleRoutes(app, options);
  silenceRoutes(app, options);
  historyRoutes(app, options);
}

function ruleRoutes(app: FastifyInstance, { store, now }: AlertRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const params = z.object({ slug: z.string().max(64) });
  const ruleOf = (slug: string) => currentRule(store, slug);
  api.get(
    '/api/v1/alert-rules',
    { config: read, schema: { summary: 'Rules that make alerts', response: { 200: alertRulesSchema } } },
    async () => ({ rules: (await currentRules(store)).map(ruleAnswer) }),
  );
  api.put(
    '/api/v1/alert-rules/:slug',
    {
      config: { role: 'admin' },
      schema: {
        summary: 'Change a rule; {} is the default again',
        params,
        body: ruleOverrideSchema,
        response: { 200: alertRuleSchema },
      },
    },
    async (request) => {
      const { slug } = request.params;
      const override = request.body;
      checkOverride(await ruleOf(slug), override);
      const { actor, address } = senderOf(request);
      const entry = {
        actor,
        address,
        action: 'alert-rule.change',
        object: slug,
        detail: JSON.stringify(override),
      };
      await recorded(store, entry, now(), (trx) =>
        saveOverride(trx, { slug, override, author: actor }, now()),
      );
      return ruleAnswer(await ruleOf(slug));
    },
  );
  api.get(
    '/api/v1/alert-rules/:slug/dry-run',
    {
      config: read,
      schema: {
        summary: 'How often a rule would have fired, by what is stored',
        params,
        querystring: dryRunQuerySchema,
        response: { 200: dryRunSchema },
      },
    },
    async (request) => dryRun(store, await ruleOf(request.params.slug), request.query, now()),
  );
}
