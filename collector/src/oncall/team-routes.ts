import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import {
  newScheduleSchema,
  newTeamSchema,
  schedulePreviewSchema,
  scheduleParamSchema,
  teamParamSchema,
  teamsSchema,
} from '../schema/oncall.js';
import { previewSchedule } from './preview.js';
import type { OncallRouteOptions } from './routes.js';
import { listTeams, removeSchedule, removeTeam, saveSchedule, saveTeam } from './teams.js';

const config = { role: 'admin' } as const;

/** `/api/v1/teams`: who works together, and who takes turns at which level. */
export function teamRoutes(app: FastifyInstance, options: OncallRouteOptions): void {
  peopleOfTeamRoutes(app, options);
  scheduleRoutes(app, options);
  previewRoute(app, options);
}

function peopleOfTeamRoutes(app: FastifyInstance, { store, now }: OncallRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/teams',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: { summary: 'Teams with their members and schedules', response: { 200: teamsSchema } },
    },
    async () => ({ teams: await listTeams(store) }),
  );
  api.put(
    '/api/v1/teams/:team',
    {
      config,
      schema: {
        summary: 'Make a team, or change its title and members',
        params: teamParamSchema,
        body: newTeamSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { team } = request.params;
      const detail = JSON.stringify(request.body);
      const entry = { ...senderOf(request), action: 'team.save', object: team, detail };
      await recorded(store, entry, now(), (trx) => saveTeam(trx, team, request.body, now()));
      return reply.code(204).send(null);
    },
  );
  api.delete(
    '/api/v1/teams/:team',
    {
      config,
      schema: {
        summary: 'Remove a team with its schedules and who was on duty',
        params: teamParamSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { team } = request.params;
      const entry = { ...senderOf(request), action: 'team.remove', object: team };
      await recorded(store, entry, now(), (trx) => removeTeam(trx, team));
      return reply.code(204).send(null);
    },
  );
}

function scheduleRoutes(app: FastifyInstance, { store, now }: OncallRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.put(
    '/api/v1/teams/:team/schedules/:level',
    {
      config,
      schema: {
        summary: 'Say who of a team takes turns at a level',
        description:
          'Hand-offs keep their time on the wall clock of the zone: a time that the clock skips is when it is put forward, of one that comes twice it is the first. The 31st is the last day of shorter months. Overrides stay; who was on duty stays as it was.',
        params: scheduleParamSchema,
        body: newScheduleSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { team, level } = request.params;
      const detail = JSON.stringify(request.body);
      const entry = { ...senderOf(request), action: 'schedule.save', object: `${team}/L${level}`, detail };
      await recorded(store, entry, now(), (trx) => saveSchedule(trx, { team, level }, request.body, now()));
      return reply.code(204).send(null);
    },
  );
  api.delete(
    '/api/v1/teams/:team/schedules/:level',
    {
      config,
      schema: {
        summary: 'Remove a level of a team: it is skipped from now on',
        params: scheduleParamSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { team, level } = request.params;
      const entry = { ...senderOf(request), action: 'schedule.remove', object: `${team}/L${level}` };
      await recorded(store, entry, now(), (trx) => removeSchedule(trx, { team, level }));
      return reply.code(204).send(null);
    },
  );
}

function previewRoute(app: FastifyInstance, { store, now }: OncallRouteOptions): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/teams/:team/schedules/:level/preview',
    {
      config,
      schema: {
        summary: 'Who would be on duty in the next 14 days by a schedule that is not saved, with its gaps',
        description: 'Checks what saving checks, and changes nothing.',
        params: scheduleParamSchema,
        body: newScheduleSchema,
        response: { 200: schedulePreviewSchema },
      },
    },
    async ({ params, body }) => previewSchedule(store, params, body, now()),
  );
}
