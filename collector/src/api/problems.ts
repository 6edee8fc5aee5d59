import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import type { Problem } from '../schema/api.js';
import { ListedError, ProblemError } from '../schema/problem.js';

/** Every error leaves in one shape, RFC 9457; what went wrong inside stays in the log. */
export function installProblems(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((error: FastifyError | ProblemError, request, reply) => {
    if (error instanceof ProblemError)
      return send(reply.headers(error.headers), error.status, error.message, {
        type: error.type,
        errors: error instanceof ListedError ? [...error.errors] : undefined,
      });
    if (hasZodFastifySchemaValidationErrors(error)) {
      const errors = error.validation.map(({ instancePath, message }) => ({
        path: instancePath.split('/').filter(Boolean).join('.') || (error.validationContext ?? 'request'),
        message: message ?? 'is wrong',
      }));
      const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
      return send(reply, 400, detail, { errors });
    }
    const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
    if (status < 500) return send(reply, status, error.message);
    const { id, method, routeOptions } = request;
    logger.error({ err: error, requestId: id, method, route: routeOptions.url }, 'request failed');
    return send(reply, 500, `something went wrong in the collector; its log says what at request ${id}`);
  });
  app.setNotFoundHandler((request, reply) =>
    send(reply, 404, `there is nothing at ${request.url.slice(0, 200)}`),
  );
}

function send(
  reply: FastifyReply,
  status: number,
  detail: string,
  { type = 'about:blank', errors }: { type?: string | undefined; errors?: Problem['errors'] } = {},
): FastifyReply {
  const title = STATUS_CODES[status] ?? 'Error';
  const body: Problem = { type, title, status, detail, ...(errors && { errors }) };
  return reply.code(status).type('application/problem+json').serializer(JSON.stringify).send(body);
}
