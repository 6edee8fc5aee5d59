import {
  CONTRACT_VERSION,
  ENROL_PATH,
  enrolAnswerSchema,
  enrolRequestSchema,
  RENEW_PATH,
  renewAnswerSchema,
  renewRequestSchema,
} from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import type { Authority } from '../pki/authority.js';
import { ProblemError } from '../schema/problem.js';
import { Attempts } from '../security/attempts.js';
import type { Store } from '../store/store.js';
import { enrol, renewCertificate } from './enrolment.js';

/** Wrong codes of one address before it has to wait: a technician errs a few times, 80 random bits take for ever. */
const PER_ADDRESS = { limit: 10, windowMs: 10 * 60_000 };
/** Certificates of one gateway: it needs one in months, and each is a row. */
const PER_GATEWAY = { limit: 10, windowMs: 24 * 3_600_000 };

/** What enrolment needs of the TLS side of the collector. */
export interface EnrolmentSide {
  readonly authority: Authority;
  /** Root that gateways trust, PEM. */
  readonly root: () => string;
  /** Port of the broker with TLS. */
  readonly brokerPort: () => number;
  /** Part of the root's fingerprint that codes carry, hex. */
  readonly fingerprint: string;
  /** Where gateways enrol, such as https://collector.example:8443. */
  readonly address: () => string;
}

/** `POST /api/v1/enrol` for whoever has a code, and the renewal for whoever has a certificate. */
export function enrolmentRoutes(
  app: FastifyInstance,
  options: {
    store: Store;
    now: () => number;
    logger: Logger;
    enrolment: EnrolmentSide;
    /** Certificates were revoked: connections with them must end. */
    onRevoked: () => void;
  },
): void {
  const { store, now, logger, enrolment, onRevoked } = options;
  const byAddress = new Attempts(PER_ADDRESS);
  const byGateway = new Attempts(PER_GATEWAY);
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.post(
    ENROL_PATH,
    {
      config: { public: true },
      schema: {
        summary: 'Enrol a gateway with a one-time code; over TLS only',
        body: enrolRequestSchema,
        response: { 200: enrolAnswerSchema },
      },
    },
    async (request) => {
      if (request.protocol !== 'https') throw new ProblemError(403, 'enrolment needs the HTTPS address');
      const at = now();
      refuseWhileWaiting(byAddress.refusedFor(request.ip, at));
      // Counted before the code is looked at, so that many tries at once are many.
      byAddress.fail(request.ip, at);
      const { certificate, gateway, site } = await enrol(store, enrolment.authority, request.body, at);
      byAddress.forgive(request.ip);
      onRevoked();
      logger.info({ gateway, address: request.ip }, 'a gateway has enrolled');
      const brokerUrl = `mqtts://${request.hostname}:${enrolment.brokerPort()}`;
      const authority = enrolment.root();
      return { v: CONTRACT_VERSION, gateway, site, certificate, authority, brokerUrl } as const;
    },
  );
  api.post(
    RENEW_PATH,
    {
      config: { gateway: true },
      schema: {
        summary: 'A new certificate for a gateway that shows its old one',
        body: renewRequestSchema,
        response: { 200: renewAnswerSchema },
      },
    },
    async ({ gateway, body }) => {
      const at = now();
      refuseWhileWaiting(byGateway.refusedFor(gateway, at));
      byGateway.fail(gateway, at);
      const asked = { gateway, request: body.request };
      const certificate = await renewCertificate(store, enrolment.authority, asked, at);
      logger.info({ gateway }, 'a gateway has renewed its certificate');
      return { v: CONTRACT_VERSION, certificate, authority: enrolment.root() } as const;
    },
  );
}

function refuseWhileWaiting(waitMs: number): void {
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1000);
  throw new ProblemError(429, `too many attempts; try again in ${Math.ceil(seconds / 60)} min`, {
    'retry-after': String(seconds),
  });
}
