import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import {
  newNoteSchema,
  newOverrideSchema,
  noteSchema,
  overrideSchema,
  teamParamSchema,
  type Override,
} from '../schema/oncall.js';
import { ProblemError } from '../schema/problem.js';
import { mayUse } from '../schema/role.js';
import { addOverride, endOverride, overrideOf } from './overrides.js';
import type { OncallRouteOptions } from './routes.js';
import { lockSchedule } from './spans.js';
import { noSchedule } from './teams.js';

/** `/api/v1/overrides` and the hand-over notes of teams: what people on duty change themselves. */
export function overrideRoutes(app: FastifyInstance, options: OncallRouteOptions): void {
  addRoute(app, options);
  endRoute(app, options);
  noteRoute(app, options);
}

function isOperator({ role }: FastifyRequest): boolean {
  return role !== undefined && mayUse(role, 'operator', 'POST');
}

const spanOf = ({ from, to }: Pick<Override, 'from' | 'to'>) =>
  `${new Date(from).toISOString()} to ${new Date(to).toISOString()}`;

function addRoute(app: FastifyInstance, { store, now }: OncallRouteOptions): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/overrides',
    {
      config: { role: 'self' },
      schema: {
        summary: 'Somebody else is on duty for a while',
        description:
          'Operators may name anybody; members of the team may take over shifts themselves. Of several overrides of the same time the last one counts.',
        body: newOverrideSchema,
        response: { 201: overrideSchema },
      },
    },
    async (request, reply) => {
      const { team, level, user, reason, replaces } = request.body;
      if (!isOperator(request)) {
        if (user !== request.username)
          throw new ProblemError(403, 'user: only an operator may put somebody else on duty');
        const member = await store
          .selectFrom('team_member')
          .select('username')
          .where('team', '=', team)
          .where('username', '=', user)
          .executeTakeFirst();
        if (member === undefined)
          throw new ProblemError(403, `team: you are not in the team "${team}"; ask an operator`);
      }
      const detail = `${user} for ${replaces ?? 'whoever is on duty'}, ${spanOf(request.body)}: ${reason}`;
      const entry = { ...senderOf(request), action: 'override.add', object: `${team}/L${level}`, detail };
      const made = await recorded(store, entry, now(), (trx) =>
        addOverride(trx, request.body, { createdBy: request.username, now: now() }),
      );
      return reply.code(201).send(made);
    },
  );
}

function endRoute(app: FastifyInstance, { store, now }: OncallRouteOptions): void {
  app.withTypeProvider<ZodTypeProvider>().delete(
    '/api/v1/overrides/:id',
    {
      config: { role: 'self' },
      schema: {
        summary: 'Take back an override; one that has begun ends now',
        description: 'For operators, for whoever is on duty by it, and for whoever made it.',
        params: z.object({ id: z.string().max(40) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const override = await overrideOf(store, request.params.id);
      if (override === undefined) throw new ProblemError(404, 'there is no such override');
      const { team, level, user, createdBy } = override;
      if (!isOperator(request) && ![user, createdBy].includes(request.username))
        throw new ProblemError(403, 'this override is not yours; ask an operator');
      const detail = `${user}, ${spanOf(override)}`;
      const entry = { ...senderOf(request), action: 'override.end', object: `${team}/L${level}`, detail };
      await recorded(store, entry, now(), async (trx) => {
        await lockSchedule(trx, override);
        await endOverride(trx, override, now());
      });
      return reply.code(204).send(null);
    },
  );
}

function noteRoute(app: FastifyInstance, { store, now }: OncallRouteOptions): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/teams/:team/notes',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Tell whoever is on duty next what they must know',
        params: teamParamSchema,
        body: newNoteSchema,
        response: { 201: noteSchema },
      },
    },
    async (request, reply) => {
      const { team } = request.params;
      const { level, text } = request.body;
      const note = { author: request.username, at: now(), text };
      const entry = { ...senderOf(request), action: 'handover.note', object: `${team}/L${level}` };
      await recorded(store, entry, now(), async (trx) => {
        if (!(await lockSchedule(trx, { team, level }))) throw noSchedule({ team, level });
        await trx
          .insertInto('handover_note')
          .values({ id: randomUUID(), team, level, ...note })
          .execute();
      });
      return reply.code(201).send(note);
    },
  );
}
