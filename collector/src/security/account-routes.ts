import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { ProblemError } from '../schema/problem.js';
import {
  changePasswordSchema,
  ownPasswordSchema,
  recoveryCodesSchema,
  sessionSchema,
  sessionsSchema,
  totpConfirmSchema,
  totpOfferSchema,
} from '../schema/security.js';
import type { Queryable } from '../store/store.js';
import { Attempts } from './attempts.js';
import { sessionToken, setSessionCookie } from './cookie.js';
import { passwordProblem } from './passwords.js';
import type { SecurityRouteOptions } from './routes.js';
import { endSession, openSession, sessionOf, sessionsOf } from './sessions.js';
import { confirmTotp, offerTotp, removeTotp } from './totp.js';
import { replacePassword, userWithPassword } from './users.js';

/** Wrong passwords and codes of somebody who is logged in, before they have to wait: a stolen session must not guess. */
const WRONG = { limit: 10, windowMs: 10 * 60_000 };

/** What a person does with the own account; knows who has guessed wrong. */
class OwnAccount {
  private readonly options: SecurityRouteOptions;
  private readonly wrong = new Attempts(WRONG);

  constructor(options: SecurityRouteOptions) {
    this.options = options;
  }

  /** Change the account; the audit log says so, or nothing changes. */
  async change<T>(
    request: FastifyRequest,
    action: string,
    change: (trx: Queryable) => Promise<T>,
  ): Promise<T> {
    const { store, now } = this.options;
    return recorded(store, { ...senderOf(request), action, object: request.username }, now(), change);
  }

  /** @throws ProblemError 403 when it was wrong, 429 after too many wrong ones */
  async guess({ username }: FastifyRequest, right: () => Promise<boolean>, problem: string): Promise<void> {
    const { now } = this.options;
    if (this.wrong.refusedFor(username, now()) > 0)
      throw new ProblemError(429, 'too many wrong tries; wait ten minutes', { 'retry-after': '600' });
    this.wrong.fail(username, now());
    if (!(await right())) throw new ProblemError(403, problem);
    this.wrong.forgive(username);
  }

  async knowsPassword(request: FastifyRequest, password: string): Promise<void> {
    const { store } = this.options;
    const { username } = request;
    const right = async () => (await userWithPassword(store, { username, password })) !== undefined;
    await this.guess(request, right, 'the password is wrong');
  }
}

const config = { role: 'self' } as const;

/** `/api/v1/account/…`: password, sessions and second factor of whoever is logged in. */
export function accountRoutes(app: FastifyInstance, options: SecurityRouteOptions): void {
  const account = new OwnAccount(options);
  passwordRoutes(app, account, options);
  totpRoutes(app, account, options);
}

function passwordRoutes(
  app: FastifyInstance,
  account: OwnAccount,
  { store, now }: SecurityRouteOptions,
): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.put(
    '/api/v1/account/password',
    {
      config,
      schema: {
        summary: 'Choose another password; every other session ends',
        body: changePasswordSchema,
        response: { 200: sessionSchema },
      },
    },
    async (request, reply) => {
      const { username, body } = request;
      await account.knowsPassword(request, body.current);
      const problem =
        body.current === body.next ? 'the password is the old one' : passwordProblem(username, body.next);
      if (problem !== undefined) throw new ProblemError(400, `next: ${problem}`);
      await account.change(request, 'account.password', (trx) =>
        replacePassword(trx, { username, password: body.next, mustChange: false }),
      );
      const from = { username, address: request.ip, browser: request.headers['user-agent'] ?? '' };
      const { token } = await openSession(store, from, now());
      setSessionCookie(request, reply, token);
      const session = await sessionOf(store, token, now());
      if (session === undefined) throw new ProblemError(401, 'log in again');
      return session;
    },
  );
  api.get(
    '/api/v1/account/sessions',
    { config, schema: { summary: 'Where you are logged in', response: { 200: sessionsSchema } } },
    async (request) => ({
      sessions: await sessionsOf(store, request.username, sessionToken(request) ?? ''),
    }),
  );
  api.delete(
    '/api/v1/account/sessions/:id',
    {
      config,
      schema: {
        summary: 'End one of your sessions',
        params: z.object({ id: z.string().max(64) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await account.change(request, 'account.session-end', async (trx) => {
        if (!(await endSession(trx, request.username, request.params.id)))
          throw new ProblemError(404, 'that session has ended already');
      });
      return reply.code(204).send(null);
    },
  );
}

function totpRoutes(
  app: FastifyInstance,
  account: OwnAccount,
  { store, vault, now }: SecurityRouteOptions,
): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.post(
    '/api/v1/account/totp',
    {
      config,
      schema: {
        summary: 'Begin to set up a second factor',
        body: ownPasswordSchema,
        response: { 200: totpOfferSchema },
      },
    },
    async (request) => {
      await account.knowsPassword(request, request.body.password);
      const session = await sessionOf(store, sessionToken(request) ?? '', now());
      if (session?.totp === true)
        throw new ProblemError(409, 'there is a second factor already; take it away first');
      return offerTotp(store, vault, request.username);
    },
  );
  api.put(
    '/api/v1/account/totp',
    {
      config,
      schema: {
        summary: 'Put the second factor in force by its first code',
        body: totpConfirmSchema,
        response: { 200: recoveryCodesSchema },
      },
    },
    async (request) => {
      const { username, body } = request;
      const recoveryCodes = await account.change(request, 'account.totp-on', async (trx) => {
        let codes: string[] | undefined;
        await account.guess(
          request,
          async () => {
            codes = await confirmTotp(trx, vault, { username, code: body.code, now: now() });
            return codes !== undefined;
          },
          'code: is wrong or was used; wait for the next one, and check the clock of the phone',
        );
        return codes ?? [];
      });
      return { recoveryCodes };
    },
  );
  api.delete(
    '/api/v1/account/totp',
    {
      config,
      schema: {
        summary: 'Take the second factor away',
        body: ownPasswordSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await account.knowsPassword(request, request.body.password);
      await account.change(request, 'account.totp-off', (trx) => removeTotp(trx, request.username));
      return reply.code(204).send(null);
    },
  );
}
