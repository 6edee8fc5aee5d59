import { existsSync } from 'node:fs';
import cookie from '@fastify/cookie';
import fastifyStatic from '@fastify/static';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { StatusSource } from './agent-status.js';
import { loginPage } from './login-page.js';
import type { LoginProblem } from './login-words.js';
import { Logins, type LoginResult } from './login.js';
import { createMetrics } from './metrics.js';
import { isForeign, isOpen } from './open-routes.js';
import { problem } from './problem.js';
import { PictureStreams } from './stream.js';
import { withVerdicts } from './verdicts.js';

const COOKIE = 'headcount_status';
/** The user name of HTTP Basic logins, for Prometheus and curl. */
const BASIC_USER = 'technician';
const BODY_LIMIT_BYTES = 4096;

/** What the status server needs. */
export interface StatusServerOptions {
  readonly host: string;
  readonly port: number;
  readonly pin: string;
  /** PEM texts; undefined for plain HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
  readonly source: StatusSource;
  /** Routes of the features beside the status; all of them behind the PIN. */
  readonly features: readonly ((app: FastifyInstance) => void)[];
  /** Folder of the built page. */
  readonly webRoot: string;
  readonly monotonic: () => number;
  readonly logger: Logger;
}

/** The agent's HTTP server: status, metrics, pictures and the technician's page, all behind the PIN. */
export function createStatusServer(options: StatusServerOptions): FastifyInstance {
  const logins = new Logins(options.pin);
  const app = openApp(options.tls);
  app.register(cookie);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    const { method, headers, routeOptions } = request;
    const { host, origin } = headers;
    if (isForeign({ method, host, origin, site: siteOf(request) })) return refuseForeign(request, reply);
    if (isOpen(method, routeOptions.url)) return undefined;
    const denied = checkLogin(request, logins, options.monotonic());
    if (denied === undefined) return undefined;
    if (asksForPage(request)) return sendLoginPage(request, reply, denied.status);
    return problem(reply, denied.status, denied.detail, denied.headers);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return problem(reply, status, error.message);
    options.logger.error({ err: error, url: request.url }, 'status request failed');
    return problem(reply, 500, 'something went wrong in the agent; its log says what');
  });
  app.setNotFoundHandler({ preHandler: async () => Promise.resolve() }, (request, reply) =>
    problem(reply, 404, `there is nothing at ${request.url.slice(0, 200)}`),
  );
  app.register(async (instance) => {
    sessionRoutes(instance, logins, options);
    dataRoutes(instance, options);
    for (const addRoutes of options.features) addRoutes(instance);
    pageRoutes(instance, options.webRoot);
    return Promise.resolve();
  });
  return app;
}

/** The same routes over HTTP or HTTPS. */
function openApp(tls: StatusServerOptions['tls']): FastifyInstance {
  const shared = { logger: false, bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: true };
  if (tls === undefined) return Fastify(shared);
  const https = { cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' as const };
  return Fastify({ ...shared, https });
}

const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  // Not "no-referrer": the login form would then hide the origin that the server compares.
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};

interface Denial {
  readonly status: number;
  readonly detail: string;
  readonly headers: Record<string, string>;
}

/** Undefined for a logged-in request, by cookie or by HTTP Basic. */
function checkLogin(request: FastifyRequest, logins: Logins, now: number): Denial | undefined {
  const token = request.cookies[COOKIE];
  if (token !== undefined && logins.isValid(token, now)) return undefined;
  const [scheme, value = ''] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic')
    return { status: 401, detail: 'log in with the PIN of this gateway first', headers: {} };
  const [user, ...pin] = Buffer.from(value, 'base64').toString('utf8').split(':');
  const result = logins.logIn(user === BASIC_USER ? pin.join(':') : '', request.ip, now);
  if (result.kind === 'wrong')
    return { ...denialOf(result), detail: `wrong user or PIN; the user is "${BASIC_USER}"` };
  if (result.kind === 'locked') return denialOf(result);
  logins.logOut(result.token);
  return undefined;
}

function denialOf(result: Exclude<LoginResult, { kind: 'ok' }>): Denial & { readonly why: LoginProblem } {
  if (result.kind === 'wrong') {
    const n = result.attemptsLeft;
    const detail = `wrong PIN; ${n} attempts left`;
    return { status: 401, detail, headers: {}, why: { kind: 'wrong', n } };
  }
  const n = result.seconds;
  return {
    status: 429,
    detail: `too many wrong PINs; try again in ${n} s`,
    headers: { 'retry-after': String(n) },
    why: { kind: 'locked', n },
  };
}

/** True for a person who opens an address in a browser, false for the page's own requests and for programs. */
function asksForPage({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && headers.accept?.includes('text/html') === true;
}

function siteOf({ headers }: FastifyRequest): string | undefined {
  const site = headers['sec-fetch-site'];
  return typeof site === 'string' ? site : undefined;
}

function sendLoginPage(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  why?: LoginProblem,
): FastifyReply {
  const page = loginPage({ language: request.headers['accept-language'], ...(why && { problem: why }) });
  return reply.code(status).type('text/html; charset=utf-8').send(page);
}

function refuseForeign(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isForm(request)) return sendLoginPage(request, reply, 403, { kind: 'foreign', n: 0 });
  return problem(reply, 403, 'this request came from a page of another site');
}

const FORM = 'application/x-www-form-urlencoded';

/** True for the login page, which sends a form; programs send JSON. */
function isForm({ headers }: FastifyRequest): boolean {
  return headers['content-type']?.startsWith(FORM) === true;
}

function sessionRoutes(
  app: FastifyInstance,
  logins: Logins,
  { monotonic, tls }: Pick<StatusServerOptions, 'monotonic' | 'tls'>,
): void {
  const body = z.object({ pin: z.string().min(1).max(64) });
  app.addContentTypeParser(FORM, { parseAs: 'string' }, (_request, text, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(text)))),
  );
  app.post('/api/session', async (request, reply) => {
    const parsed = body.safeParse(request.body);
    if (!parsed.success) return problem(reply, 400, 'send the PIN as {"pin": "…"}');
    const result = logins.logIn(parsed.data.pin, request.ip, monotonic());
    if (result.kind !== 'ok') {
      const { status, detail, headers, why } = denialOf(result);
      reply.headers(headers);
      return isForm(request)
        ? sendLoginPage(request, reply, status, why)
        : problem(reply, status, detail, headers);
    }
    reply.setCookie(COOKIE, result.token, {
      httpOnly: true,
      secure: tls !== undefined,
      sameSite: 'strict',
      path: '/',
      maxAge: result.maxAgeSeconds,
    });
    return isForm(request) ? reply.redirect('/', 303) : reply.code(204).send();
  });
  app.delete('/api/session', async (request, reply) => {
    logins.logOut(request.cookies[COOKIE] ?? '');
    return reply.clearCookie(COOKIE, { path: '/' }).code(204).send();
  });
}

function dataRoutes(app: FastifyInstance, { source, logger }: StatusServerOptions): void {
  const metrics = createMetrics(source);
  const streams = new PictureStreams(logger);
  app.get('/healthz', async (_request, reply) => {
    const healthy = source.healthy();
    return reply.code(healthy ? 200 : 503).send({ status: healthy ? 'ok' : 'stuck' });
  });
  app.get('/status', async () => Promise.resolve(withVerdicts(source.status())));
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.scrape()),
  );
  app.get<{ Params: { id: string } }>('/api/cameras/:id/picture.jpg', async (request, reply) => {
    const picture = await source.picture(request.params.id, 'counted');
    if (picture === undefined) return problem(reply, 404, 'this camera has shown no picture yet');
    return reply.type('image/jpeg').send(picture);
  });
  app.get<{ Params: { id: string } }>('/api/cameras/:id/plain.jpg', async (request, reply) => {
    const picture = await source.picture(request.params.id, 'plain');
    if (picture === undefined) return problem(reply, 404, 'this camera has shown no picture yet');
    return reply.type('image/jpeg').send(picture);
  });
  app.get<{ Params: { id: string } }>('/api/cameras/:id/stream', async (request, reply) => {
    const stream = streams.open(() => source.picture(request.params.id, 'counted'));
    if (stream === undefined) return problem(reply, 503, 'too many people watch already; close another page');
    reply.raw.on('close', () => stream.body.destroy());
    return reply.type(stream.contentType).send(stream.body);
  });
}

function pageRoutes(app: FastifyInstance, webRoot: string): void {
  if (!existsSync(webRoot)) {
    app.get('/', async (_request, reply) =>
      problem(reply, 503, 'the status page has not been built; run "npm run build"'),
    );
    return;
  }
  app.register(fastifyStatic, { root: webRoot, wildcard: false });
}
