import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { audit, senderOf } from '../audit-log/audit-log.js';
import { ProblemError } from '../schema/problem.js';
import { mayUse, type Access, type Role, type Scope } from '../schema/role.js';
import { Attempts } from '../security/attempts.js';
import { sessionToken } from '../security/cookie.js';
import { sessionOf } from '../security/sessions.js';
import { tokenOf } from '../security/tokens.js';
import type { Store } from '../store/store.js';
import { authenticateGateway } from './gateway-auth.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Open to everybody. Every route says this, `gateway` or `role`; one that says nothing is refused at the start. */
    public?: boolean;
    /** The least that a person must be to use the route. */
    role?: Access;
    /** What an API token must be allowed to do; a route without it is closed to tokens. */
    scope?: Scope;
  }
  interface FastifyRequest {
    /** The person who is logged in, or "token <name>"; empty on open routes. */
    username: string;
    /** Of the person who is logged in. */
    role: Role | undefined;
  }
}

/** Wrong tokens of one address before it has to wait. */
const WRONG_TOKENS = { limit: 50, windowMs: 10 * 60_000 };
/** Methods that change nothing. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD']);

interface GuardOptions {
  readonly store: Store;
  /** UTC ms. */
  readonly now: () => number;
}

/** Nothing is open unless it says so: a route says who may use it, and a request says who sends it. */
export function installGuard(app: FastifyInstance, options: GuardOptions): void {
  const routes: RouteOptions[] = [];
  const wrongTokens = new Attempts(WRONG_TOKENS);
  app.decorateRequest('username', '');
  app.decorateRequest('role', undefined);
  app.decorateRequest('gateway', '');
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  app.addHook('onReady', (done) => {
    const unsaid = routes.filter(({ config }) => !config?.public && !config?.gateway && !config?.role);
    const names = unsaid.map(({ method, url }) => `${String(method)} ${url}`).join(', ');
    done(unsaid.length === 0 ? undefined : new Error(`nobody says who may use ${names}`));
  });
  app.addHook('onRequest', async (request) => {
    refuseForeignPage(request);
    const { config } = request.routeOptions;
    if (config.public === true) return;
    if (config.gateway === true) {
      request.gateway = await authenticateGateway(request, options.store, options.now());
      return;
    }
    const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (bearer === undefined) await takePerson(request, options);
    else await takeToken(request, { ...options, bearer, wrongTokens });
  });
}

async function takePerson(request: FastifyRequest, { store, now }: GuardOptions): Promise<void> {
  const token = sessionToken(request);
  const session = token === undefined ? undefined : await sessionOf(store, token, now());
  if (session === undefined) throw new ProblemError(401, 'log in first');
  request.username = session.username;
  request.role = session.role;
  const { role } = request.routeOptions.config;
  // What does not exist is told to whoever is logged in.
  if (role === undefined) return;
  if (session.mustChangePassword && role !== 'self')
    throw new ProblemError(403, 'choose a password of your own first: PUT /api/v1/account/password');
  if (mayUse(session.role, role, request.method)) return;
  await refuse(request, { store, now });
  throw new ProblemError(403, `this needs the role "${role}"; you are "${session.role}"`);
}

async function takeToken(
  request: FastifyRequest,
  { store, now, bearer, wrongTokens }: GuardOptions & { bearer: string; wrongTokens: Attempts },
): Promise<void> {
  const at = now();
  if (wrongTokens.refusedFor(request.ip, at) > 0)
    throw new ProblemError(429, 'too many wrong tokens; wait ten minutes', { 'retry-after': '600' });
  const token = await tokenOf(store, bearer, at);
  if (token === undefined) {
    wrongTokens.fail(request.ip, at);
    throw new ProblemError(401, 'the API token is wrong, has expired or was revoked');
  }
  request.username = `token ${token.name}`;
  const { scope, role } = request.routeOptions.config;
  if (role === undefined || (scope !== undefined && token.scopes.includes(scope))) return;
  await refuse(request, { store, now });
  throw new ProblemError(
    403,
    scope === undefined ? 'API tokens may not use this' : `this needs a token with the scope "${scope}"`,
  );
}

/** What somebody tried who may not is worth knowing. */
async function refuse(request: FastifyRequest, { store, now }: GuardOptions): Promise<void> {
  const { method, routeOptions } = request;
  const object = `${method} ${routeOptions.url ?? ''}`;
  await audit(store, { ...senderOf(request), action: 'access', object, result: 'refused' }, now());
}

/** A page of another site must not act for the person who is logged in here; this stands behind SameSite. */
function refuseForeignPage({ method, headers }: FastifyRequest): void {
  if (SAFE.has(method)) return;
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const foreignOrigin = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
  const foreignSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (foreignOrigin || foreignSite)
    throw new ProblemError(403, 'requests from the pages of another site are refused');
}
