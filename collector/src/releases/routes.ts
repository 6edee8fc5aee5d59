import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { gatewaySecret } from '../fleet/fleet.js';
import { ProblemError } from '../schema/problem.js';
import { Attempts } from '../security/attempts.js';
import { hashSecret, newSecret, secretMatches } from '../security/secrets.js';
import type { Store } from '../store/store.js';
import type { Releases } from './releases.js';

/** Wrong passwords of one address before it has to wait; a site has one address for all its gateways. */
const WRONG_PER_ADDRESS = { limit: 50, windowMs: 5 * 60_000 };
/** Compared where the gateway is unknown, so that the answer takes as long as for a known one. */
const NOBODY = hashSecret(newSecret());

/** What the route needs. */
export interface ReleaseRouteOptions {
  readonly store: Store;
  readonly releases: Releases;
  /** UTC ms. */
  readonly now: () => number;
}

/** `GET /gateway/v1/releases/:file`: a package for a gateway, which logs in with its name and password (HTTP Basic). */
export function releaseRoutes(app: FastifyInstance, { store, releases, now }: ReleaseRouteOptions): void {
  const attempts = new Attempts(WRONG_PER_ADDRESS);
  app.withTypeProvider<ZodTypeProvider>().get(
    '/gateway/v1/releases/:file',
    {
      // Open to no person's session: gateways have a login of their own, which the first lines check.
      config: { public: true },
      schema: { hide: true, params: z.object({ file: z.string().max(200) }) },
    },
    async (request, reply) => {
      const at = now();
      if (attempts.refusedFor(request.ip, at) > 0) throw new ProblemError(429, 'too many wrong logins; wait');
      // Counted before the password is looked at, so that many tries at once are many.
      attempts.fail(request.ip, at);
      if (!(await isGateway(store, request)))
        throw new ProblemError(401, 'log in with the name and password of a gateway', {
          'www-authenticate': 'Basic realm="headcount gateway"',
        });
      attempts.forgive(request.ip);
      const release = await releases.open(request.params.file);
      if (release === undefined) throw new ProblemError(404, 'there is no such release');
      return reply
        .header('content-length', release.size)
        .type('application/vnd.debian.binary-package')
        .send(release.stream);
    },
  );
}

async function isGateway(store: Store, { headers }: FastifyRequest): Promise<boolean> {
  const [scheme, value = ''] = (headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic') return false;
  const [name = '', ...password] = Buffer.from(value, 'base64').toString('utf8').split(':');
  const stored = await gatewaySecret(store, name);
  return secretMatches(password.join(':'), stored ?? NOBODY) && stored !== undefined;
}
