import type { FastifyReply, FastifyRequest } from 'fastify';
import { SESSION_MS } from './sessions.js';

/** Name of the session cookie; over TLS with the prefix that binds it to this host and to TLS. */
const NAME = 'headcount_session';
const SECURE_NAME = `__Host-${NAME}`;

const isSecure = ({ protocol }: FastifyRequest) => protocol === 'https';

/** The session token that a request shows. */
export function sessionToken(request: FastifyRequest): string | undefined {
  return request.cookies[isSecure(request) ? SECURE_NAME : NAME];
}

/** Give a browser its session. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string): void {
  const secure = isSecure(request);
  const common = { httpOnly: true, sameSite: 'strict', path: '/' } as const;
  reply.setCookie(secure ? SECURE_NAME : NAME, token, { ...common, secure, maxAge: SESSION_MS / 1000 });
}

/** Take it away again. */
export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  const secure = isSecure(request);
  reply.clearCookie(secure ? SECURE_NAME : NAME, { path: '/', secure });
}
