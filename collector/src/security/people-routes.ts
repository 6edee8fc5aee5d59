import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { ProblemError } from '../schema/problem.js';
import {
  changePersonSchema,
  madeTokenSchema,
  newPersonSchema,
  newTokenSchema,
  oneTimePasswordSchema,
  peopleSchema,
  tokensSchema,
} from '../schema/security.js';
import type { Queryable, Store } from '../store/store.js';
import { newSecret } from './secrets.js';
import { listTokens, makeToken, revokeToken } from './tokens.js';
import { addUser, changeUser, deleteUser, listUsers, replacePassword, UserError } from './users.js';

interface PeopleRouteOptions {
  readonly store: Store;
  /** UTC ms. */
  readonly now: () => number;
}

const config = { role: 'admin' } as const;
const person = z.object({ username: z.string().min(1).max(64) });

/** Run a change and its entry of the audit log together. */
async function changing<T>(
  { store, now }: PeopleRouteOptions,
  request: FastifyRequest,
  entry: { action: string; object: string; detail?: string },
  change: (trx: Queryable) => Promise<T>,
): Promise<T> {
  try {
    return await recorded(store, { ...senderOf(request), ...entry }, now(), change);
  } catch (error) {
    if (error instanceof UserError)
      throw new ProblemError(error.message.startsWith('there is no') ? 404 : 409, error.message);
    throw error;
  }
}

/** `/api/v1/people`: who may log in. */
export function peopleRoutes(app: FastifyInstance, options: PeopleRouteOptions): void {
  const { store, now } = options;
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/people',
    { config, schema: { summary: 'Who may log in', response: { 200: peopleSchema } } },
    async () => ({ people: await listUsers(store) }),
  );
  api.post(
    '/api/v1/people',
    {
      config,
      schema: {
        summary: 'Add a person with a one-time password',
        body: newPersonSchema,
        response: { 201: oneTimePasswordSchema },
      },
    },
    async (request, reply) => {
      const { username, role } = request.body;
      const password = newSecret();
      const entry = { action: 'person.add', object: username, detail: role };
      await changing(options, request, entry, async (trx) => {
        const user = { username, password, role, mustChange: true };
        if (!(await addUser(trx, user, now()))) throw new UserError(`there is a user "${username}" already`);
      });
      return reply.code(201).send({ username, password });
    },
  );
  api.patch(
    '/api/v1/people/:username',
    {
      config,
      schema: {
        summary: 'Change role, lock out or in, give a one-time password, take the second factor away',
        params: person,
        body: changePersonSchema,
        response: { 200: oneTimePasswordSchema },
      },
    },
    async (request) => {
      const { username } = request.params;
      const { newPassword, ...change } = request.body;
      const password = newPassword === true ? newSecret() : null;
      const entry = { action: 'person.change', object: username, detail: JSON.stringify(request.body) };
      await changing(options, request, entry, async (trx) => {
        await changeUser(trx, username, change, now());
        if (password !== null) await replacePassword(trx, { username, password, mustChange: true });
      });
      return { username, password };
    },
  );
  api.delete(
    '/api/v1/people/:username',
    { config, schema: { summary: 'Remove a person', params: person, response: { 204: z.null() } } },
    async (request, reply) => {
      const { username } = request.params;
      await changing(options, request, { action: 'person.remove', object: username }, (trx) =>
        deleteUser(trx, username),
      );
      return reply.code(204).send(null);
    },
  );
}

/** `/api/v1/tokens`: what programs may do. */
export function tokenRoutes(app: FastifyInstance, options: PeopleRouteOptions): void {
  const { store, now } = options;
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/tokens',
    { config, schema: { summary: 'API tokens', response: { 200: tokensSchema } } },
    async () => ({ tokens: await listTokens(store) }),
  );
  api.post(
    '/api/v1/tokens',
    {
      config,
      schema: { summary: 'Make an API token', body: newTokenSchema, response: { 201: madeTokenSchema } },
    },
    async (request, reply) => {
      const { name, scopes, days } = request.body;
      const entry = { action: 'token.make', object: name, detail: `${scopes.join(' ')}, ${days} days` };
      const made = await changing(options, request, entry, (trx) =>
        makeToken(trx, { name, scopes, days, createdBy: request.username }, now()),
      );
      return reply.code(201).send(made);
    },
  );
  api.delete(
    '/api/v1/tokens/:id',
    {
      config,
      schema: {
        summary: 'Revoke an API token',
        params: z.object({ id: z.uuid() }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await changing(options, request, { action: 'token.revoke', object: id }, async (trx) => {
        if ((await revokeToken(trx, id, now())) === undefined)
          throw new UserError('there is no such token in force');
      });
      return reply.code(204).send(null);
    },
  );
}
