import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import {
  incidentDetailSchema,
  incidentIdSchema,
  mergeSchema,
  reasonSchema,
  saidSchema,
  severityChangeSchema,
  tickSchema,
} from '../schema/incidents.js';
import type { Queryable } from '../store/store.js';
import type { IncidentRow } from '../store/tables-incidents.js';
import {
  acknowledge,
  addNote,
  changeSeverity,
  mitigate,
  regress,
  reopen,
  resolve,
  tickStep,
  type Doing,
} from './actions.js';
import type { StepsOf } from './incidents.js';
import { merge, unmerge } from './merge.js';
import { incidentDetail } from './read.js';
import type { IncidentRouteOptions } from './routes.js';

/** One action of people: what it takes, what it does, and what of it stands in the audit log. */
interface Action<B> {
  readonly path: string;
  readonly summary: string;
  /** Undefined for one that takes none. */
  readonly body: z.ZodType<B> | undefined;
  readonly act: (
    trx: Queryable,
    id: string,
    body: B,
    doing: Doing & { stepsOf: StepsOf },
  ) => Promise<IncidentRow>;
  readonly detail?: (body: B) => string;
}

/** Ties the type of a body to what is done with it. */
function action<B>(path: string, one: Omit<Action<B>, 'path'>): (add: <T>(one: Action<T>) => void) => void {
  return (add) => add({ path, ...one });
}

const ACTIONS = [
  action('acknowledge', {
    summary: 'Take the incident: escalation ends while notes come often enough',
    body: undefined,
    act: (trx, id, _body, doing) => acknowledge(trx, id, doing),
  }),
  action('note', {
    summary: 'Write on the timeline; renews the acknowledgement',
    body: saidSchema,
    act: (trx, id, { text }, doing) => addNote(trx, id, text, doing),
  }),
  action('mitigate', {
    summary: 'The impact is gone, the cause is not',
    body: saidSchema,
    act: (trx, id, { text }, doing) => mitigate(trx, id, text, doing),
  }),
  action('regress', {
    summary: 'The impact of a mitigated incident is back',
    body: saidSchema,
    act: (trx, id, { text }, doing) => regress(trx, id, text, doing),
  }),
  action('resolve', {
    summary: 'It is over',
    body: reasonSchema,
    act: (trx, id, { reason }, doing) => resolve(trx, id, reason, doing),
    detail: ({ reason }) => reason,
  }),
  action('reopen', {
    summary: 'It was not over: within 30 minutes it goes on, later a new incident points to it',
    body: reasonSchema,
    act: (trx, id, { reason }, doing) => reopen(trx, id, reason, doing),
    detail: ({ reason }) => reason,
  }),
  action('severity', {
    summary: 'Change how bad it is; lowering needs a reason',
    body: severityChangeSchema,
    act: (trx, id, change, doing) => changeSeverity(trx, id, change, doing),
    detail: ({ severity, reason }) => `${severity}: ${reason}`,
  }),
  action('merge', {
    summary: 'It is the same trouble as another incident, which goes on',
    body: mergeSchema,
    act: (trx, id, { into }, doing) => merge(trx, id, into, doing),
    detail: ({ into }) => into,
  }),
  action('unmerge', {
    summary: 'It is a trouble of its own after all; within 24 hours',
    body: undefined,
    act: (trx, id, _body, doing) => unmerge(trx, id, doing),
  }),
];

/** `POST /api/v1/incidents/{id}/…`, and the ticks of the checklist; each answers with the incident that it led to. */
export function actionRoutes(app: FastifyInstance, options: IncidentRouteOptions): void {
  for (const each of ACTIONS) each((one) => actionRoute(app, options, one));
  tickRoute(app, options);
}

function actionRoute<B>(app: FastifyInstance, options: IncidentRouteOptions, one: Action<B>): void {
  const { store, now, onIncident, stepsOf } = options;
  app.withTypeProvider<ZodTypeProvider>().post(
    `/api/v1/incidents/:id/${one.path}`,
    {
      config: { role: 'operator' },
      schema: {
        summary: one.summary,
        params: incidentIdSchema,
        ...(one.body !== undefined && { body: one.body }),
        response: { 200: incidentDetailSchema },
      },
    },
    async (request) => {
      const sender = senderOf(request);
      const { id } = request.params;
      const body = request.body as B;
      const doing = { by: { actor: sender.actor, channel: 'console' }, now: now(), stepsOf } as const;
      const detail = one.detail?.(body);
      const entry = { ...sender, action: `incident.${one.path}`, object: id, detail };
      const row = await recorded(store, entry, doing.now, (trx) => one.act(trx, id, body, doing));
      onIncident(row.id);
      return incidentDetail(store, row.id, doing.now);
    },
  );
}

function tickRoute(app: FastifyInstance, { store, now, onIncident }: IncidentRouteOptions): void {
  app.withTypeProvider<ZodTypeProvider>().put(
    '/api/v1/incidents/:id/steps/:position',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Tick a step of the checklist, or take the tick away',
        params: incidentIdSchema.extend({ position: z.coerce.number().int().min(0) }),
        body: tickSchema,
        response: { 200: incidentDetailSchema },
      },
    },
    async (request) => {
      const sender = senderOf(request);
      const { id, position } = request.params;
      const { done } = request.body;
      const doing = { by: { actor: sender.actor, channel: 'console' }, now: now() } as const;
      const detail = `${position} ${done ? 'done' : 'not done'}`;
      const entry = { ...sender, action: 'incident.step', object: id, detail };
      await recorded(store, entry, doing.now, (trx) => tickStep(trx, id, { position, done }, doing));
      onIncident(id);
      return incidentDetail(store, id, doing.now);
    },
  );
}
