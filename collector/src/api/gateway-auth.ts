import type { FastifyRequest } from 'fastify';
import { certificateProblem, retireOlder } from '../fleet/certificates.js';
import { clientCertificate } from '../pki/client-certificate.js';
import { ProblemError } from '../schema/problem.js';
import type { Store } from '../store/store.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route is for gateways, which log in with their certificate; `request.gateway` is who it is. */
    gateway?: boolean;
  }
  interface FastifyRequest {
    /** Name of the gateway on a route for gateways; empty on any other. */
    gateway: string;
  }
}

/**
 * Log a gateway in by the certificate of its connection.
 * @returns its name
 * @throws ProblemError 401 that says why the certificate does not count
 */
export async function authenticateGateway(
  request: FastifyRequest,
  store: Store,
  now: number,
): Promise<string> {
  const shown = clientCertificate(request.raw.socket);
  if (shown === undefined) throw new ProblemError(401, 'log in with the certificate of a gateway');
  const problem = shown.problem ?? (await certificateProblem(store, shown, now));
  if (problem !== undefined) throw new ProblemError(401, `${problem}; enrol the gateway again`);
  await retireOlder(store, shown, now);
  return shown.gateway;
}
