import { existsSync } from 'node:fs';
import cookie from '@fastify/cookie';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { StatusAnswer, StatusSource } from './agent-status.js';
import { Logins } from './login.js';
import { createMetrics } from './metrics.js';
import { problem } from './problem.js';
import { PictureStreams } from './stream.js';
import { verdictsOf } from './verdicts.js';

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

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Routes are closed unless they say so. */
    public?: boolean;
  }
}

/** The agent's HTTP server: status, metrics, pictures and the technician's page, all behind the PIN. */
export function createStatusServer(options: StatusServerOptions): FastifyInstance {
  const logins = new Logins(options.pin);
  const app = openApp(options.tls);
  app.register(cookie);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (request.routeOptions.config.public === true) return;
    const denied = checkLogin(request, logins, options.monotonic());
    if (denied !== undefined) await problem(reply, denied.status, denied.detail, denied.headers);
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
  'content-security-policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

interface Denial {
  readonly status: number;
  readonly detail: string;
  readonly headers?: Record<string, string>;
}

/** Undefined for a logged-in request, by cookie or by HTTP Basic. */
function checkLogin(request: FastifyRequest, logins: Logins, now: number): Denial | undefined {
  const token = request.cookies[COOKIE];
  if (token !== undefined && logins.isValid(token, now)) return undefined;
  const [scheme, value = ''] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic')
    return { status: 401, detail: 'log in with the PIN of this gateway first' };
  const [user, ...pin] = Buffer.from(value, 'base64').toString('utf8').split(':');
  const result = logins.logIn(user === BASIC_USER ? pin.join(':') : '', request.ip, now);
  if (result.kind === 'locked') return lockedDenial(result.seconds);
  if (result.kind === 'wrong')
    return { status: 401, detail: `wrong user or PIN; the user is "${BASIC_USER}"` };
  logins.logOut(result.token);
  return undefined;
}

function lockedDenial(seconds: number): Denial {
  return {
    status: 429,
    detail: `too many wrong PINs; try again in ${seconds} s`,
    headers: { 'retry-after': String(seconds) },
  };
}

function sessionRoutes(
  app: FastifyInstance,
  logins: Logins,
  { monotonic, tls }: Pick<StatusServerOptions, 'monotonic' | 'tls'>,
): void {
  const body = z.object({ pin: z.string().min(1).max(64) });
  app.post('/api/session', { config: { public: true } }, async (request, reply) => {
    const parsed = body.safeParse(request.body);
    if (!parsed.success) return problem(reply, 400, 'send the PIN as {"pin": "…"}');
    const result = logins.logIn(parsed.data.pin, request.ip, monotonic());
    if (result.kind === 'wrong')
      return problem(reply, 401, `wrong PIN; ${result.attemptsLeft} attempts left`);
    if (result.kind === 'locked') {
      const { status, detail, headers } = lockedDenial(result.seconds);
      return problem(reply, status, detail, headers);
    }
    reply.setCookie(COOKIE, result.token, {
      httpOnly: true,
      secure: tls !== undefined,
      sameSite: 'strict',
      path: '/',
      maxAge: result.maxAgeSeconds,
    });
    return reply.code(204).send();
  });
  app.delete('/api/session', async (request, reply) => {
    logins.logOut(request.cookies[COOKIE] ?? '');
    return reply.clearCookie(COOKIE, { path: '/' }).code(204).send();
  });
}

function dataRoutes(app: FastifyInstance, { source, logger }: StatusServerOptions): void {
  const metrics = createMetrics(source);
  const streams = new PictureStreams(logger);
  app.get('/healthz', { config: { public: true } }, async (_request, reply) => {
    const healthy = source.healthy();
    return reply.code(healthy ? 200 : 503).send({ status: healthy ? 'ok' : 'stuck' });
  });
  app.get('/status', async (): Promise<StatusAnswer> => {
    const status = source.status();
    return Promise.resolve({ ...status, verdicts: verdictsOf(status) });
  });
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
    app.get('/', { config: { public: true } }, async (_request, reply) =>
      problem(reply, 503, 'the status page has not been built; run "npm run build"'),
    );
    return;
  }
  app.register(async (pages) => {
    // Only the page's own files: they hold nothing that is secret.
    pages.addHook('onRoute', (route) => {
      route.config = { ...route.config, public: true };
    });
    pages.register(fastifyStatic, { root: webRoot, wildcard: false });
    return Promise.resolve();
  });
}
