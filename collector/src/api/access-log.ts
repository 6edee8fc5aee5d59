import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Metrics } from '../observability/metrics.js';
import type { Answers } from '../slo/answers.js';

/** Ids that a proxy in front may have given; anything else is not repeated. */
const SANE_ID = /^[\w.-]{1,64}$/;
/** Routes for whoever looks after the collector: asked for all the time, and answered under any load. */
export const CARE_ROUTES: ReadonlySet<string> = new Set(['/livez', '/healthz', '/readyz', '/metrics']);

/** The id of a request: that of the proxy in front, or a new one. */
export function requestId(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && SANE_ID.test(given) ? given : randomUUID();
}

/** One line and its measurements per answer; the id of the request goes into both and into the answer. */
export function installAccessLog(
  app: FastifyInstance,
  { logger, metrics, answers }: { logger: Logger; metrics: Metrics; answers: Answers },
): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    return Promise.resolve();
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const route = routeOptions.url ?? 'none';
    const answer = { method, route, status: reply.statusCode };
    metrics.answered(answer, reply.elapsedTime / 1000);
    answers.add(answer, reply.elapsedTime / 1000);
    // Pages and their parts; a login is a public route too, but no part of a page.
    const part = routeOptions.config.public === true && (method === 'GET' || method === 'HEAD');
    const level = CARE_ROUTES.has(route) || part ? 'debug' : 'info';
    logger[level](lineOf(request, reply, route), 'request');
    return Promise.resolve();
  });
}

/** The template of the route instead of the address: a query may hold what is nobody's business. */
function lineOf(request: FastifyRequest, reply: FastifyReply, route: string): object {
  const bytes = Number(reply.getHeader('content-length') ?? 0);
  return {
    http: {
      request: { id: request.id, method: request.method },
      response: { status_code: reply.statusCode, bytes },
    },
    url: { path: route },
    client: { ip: request.ip },
    event: { duration_ms: Math.round(reply.elapsedTime * 10) / 10 },
    ...(request.username !== '' && { user: { name: request.username } }),
  };
}
