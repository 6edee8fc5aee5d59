import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { audit, recorded, senderOf } from '../audit-log/audit-log.js';
import { ProblemError } from '../schema/problem.js';
import { loginSchema, sessionSchema } from '../schema/security.js';
import type { Store } from '../store/store.js';
import { Attempts } from './attempts.js';
import { clearSessionCookie, sessionToken, setSessionCookie } from './cookie.js';
import { logOut, openSession, sessionOf } from './sessions.js';
import { takeSecondFactor } from './totp.js';
import { userWithPassword } from './users.js';
import type { Vault } from './vault.js';

/** Wrong passwords per account and per address before they have to wait. */
const PER_ACCOUNT = { limit: 10, windowMs: 10 * 60_000 };
const PER_ADDRESS = { limit: 50, windowMs: 10 * 60_000 };

/** What the routes of this stage need. */
export interface SecurityRouteOptions {
  readonly store: Store;
  readonly vault: Vault;
  /** UTC ms. */
  readonly now: () => number;
}

/** Log in, ask who is logged in, log out. */
export function sessionRoutes(app: FastifyInstance, options: SecurityRouteOptions): void {
  const { store, now } = options;
  const accounts = new Attempts(PER_ACCOUNT);
  const addresses = new Attempts(PER_ADDRESS);
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.post(
    '/api/v1/session',
    {
      config: { public: true },
      schema: { summary: 'Log in', body: loginSchema, response: { 200: sessionSchema } },
    },
    async (request, reply) => {
      const { username } = request.body;
      const at = now();
      const wait = Math.max(accounts.refusedFor(username, at), addresses.refusedFor(request.ip, at));
      if (wait > 0) throw waitFor(wait);
      // Counted before the password is looked at, so that many tries at once are many.
      accounts.fail(username, at);
      addresses.fail(request.ip, at);
      const entry = { actor: username, address: request.ip, action: 'login', object: username };
      try {
        await checkLogin(options, request.body, at);
      } catch (error) {
        // The password was right: asking for the code is no failure.
        if (error instanceof CodeMissing) accounts.forgive(username);
        else await audit(store, { ...entry, result: 'failed' }, at);
        throw error;
      }
      accounts.succeed(username);
      addresses.forgive(request.ip);
      const from = { username, address: request.ip, browser: request.headers['user-agent'] ?? '' };
      const { token } = await recorded(store, entry, at, (trx) => openSession(trx, from, at));
      setSessionCookie(request, reply, token);
      const session = await sessionOf(store, token, at);
      if (session === undefined) throw new ProblemError(401, 'log in again');
      return session;
    },
  );
  api.get(
    '/api/v1/session',
    { config: { role: 'self' }, schema: { summary: 'Who is logged in', response: { 200: sessionSchema } } },
    async (request) => {
      const session = await sessionOf(store, sessionToken(request) ?? '', now());
      if (session === undefined) throw new ProblemError(401, 'log in first');
      return session;
    },
  );
  api.delete(
    '/api/v1/session',
    { config: { role: 'self' }, schema: { summary: 'Log out', response: { 204: z.null() } } },
    async (request, reply) => {
      const entry = { ...senderOf(request), action: 'logout', object: request.username };
      await recorded(store, entry, now(), (trx) => logOut(trx, sessionToken(request) ?? ''));
      clearSessionCookie(request, reply);
      return reply.code(204).send(null);
    },
  );
}

/** The password is right and the account has a second factor, whose code was not given. */
class CodeMissing extends ProblemError {}

/** @throws ProblemError 401 when user, password or code is wrong, or when the code is missing */
async function checkLogin(
  { store, vault }: SecurityRouteOptions,
  { username, password, code }: z.infer<typeof loginSchema>,
  now: number,
): Promise<void> {
  const user = await userWithPassword(store, { username, password });
  if (user === undefined) throw new ProblemError(401, 'wrong user name or password');
  if (!user.totp) return;
  if (code === undefined)
    throw new CodeMissing(401, 'the code of the authenticator app is needed', {}, 'totp-required');
  if (!(await takeSecondFactor(store, vault, { username, code, now })))
    throw new ProblemError(401, 'the code is wrong or was used; wait for the next one', {}, 'totp-required');
}

function waitFor(waitMs: number): ProblemError {
  const seconds = Math.ceil(waitMs / 1000);
  return new ProblemError(429, `too many wrong passwords; try again in ${Math.ceil(seconds / 60)} min`, {
    'retry-after': String(seconds),
  });
}
