import type { FastifyReply } from 'fastify';

/** Every error has this one shape (RFC 9457). */
export function problem(
  reply: FastifyReply,
  status: number,
  detail: string,
  headers: Record<string, string> = {},
): FastifyReply {
  return reply
    .code(status)
    .headers(headers)
    .type('application/problem+json')
    .send({ type: 'about:blank', title: TITLES[status] ?? 'Error', status, detail });
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Login needed',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Busy',
  422: 'Not accepted',
  429: 'Too many attempts',
  502: 'No answer',
  503: 'Not available',
  504: 'Too late',
};
