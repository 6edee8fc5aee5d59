import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { loginSchema, sessionSchema } from '../schema/api.js';
import { ProblemError } from '../schema/problem.js';
import type { Store } from '../store/store.js';
import { Attempts } from './attempts.js';
import { logIn, logOut, SESSION_MS, sessionOf } from './users.js';

/** Name of the session cookie. */
export const SESSION_COOKIE = 'headcount_session';
/** Wrong passwords per account and per address before they have to wait. */
const PER_ACCOUNT = { limit: 10, windowMs: 10 * 60_000 };
const PER_ADDRESS = { limit: 50, windowMs: 10 * 60_000 };

/** Log in, ask who is logged in, log out. */
export function sessionRoutes(
  app: FastifyInstance,
  { store, now }: { store: Store; now: () => number },
): void {
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
      if (wait > 0) {
        const seconds = Math.ceil(wait / 1000);
        const minutes = Math.ceil(seconds / 60);
        throw new ProblemError(429, `too many wrong passwords; try again in ${minutes} min`, {
          'retry-after': String(seconds),
        });
      }
      // Counted before the password is looked at, so that many tries at once are many.
      accounts.fail(username, at);
      addresses.fail(request.ip, at);
      const session = await logIn(store, request.body, at);
      if (session === undefined) throw new ProblemError(401, 'wrong user name or password');
      accounts.succeed(username);
      addresses.forgive(request.ip);
      reply.setCookie(SESSION_COOKIE, session.token, {
        httpOnly: true,
        sameSite: 'strict',
        secure: request.protocol === 'https',
        path: '/',
        maxAge: SESSION_MS / 1000,
      });
      return { username, role: 'admin' as const, expiresAt: session.expiresAt };
    },
  );
  api.get(
    '/api/v1/session',
    { schema: { summary: 'Who is logged in', response: { 200: sessionSchema } } },
    async (request) => {
      const session = await sessionOf(store, request.cookies[SESSION_COOKIE] ?? '', now());
      if (session === undefined) throw new ProblemError(401, 'log in first');
      return session;
    },
  );
  api.delete(
    '/api/v1/session',
    { schema: { summary: 'Log out', response: { 204: z.null() } } },
    async (request, reply) => {
      await logOut(store, request.cookies[SESSION_COOKIE] ?? '');
      reply.clearCookie(SESSION_COOKIE, { path: '/' });
      return reply.code(204).send(null);
    },
  );
}
