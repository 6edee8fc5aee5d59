import { slugSchema } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import {
  madeCodeSchema,
  newCodeSchema,
  newPasswordSchema,
  passwordSchema,
  revokedSchema,
} from '../schema/credentials.js';
import { ProblemError } from '../schema/problem.js';
import type { Store } from '../store/store.js';
import { renewGatewayPassword, revokeGateway } from './credentials.js';
import type { EnrolmentSide } from './enrolment-routes.js';
import { makeEnrolmentCode } from './enrolment.js';

/** What the routes need. */
export interface CredentialRouteOptions {
  readonly store: Store;
  /** Undefined where the collector has no TLS listeners: nobody can enrol then. */
  readonly enrolment: EnrolmentSide | undefined;
  /** IANA zone of a site that is made without one. */
  readonly defaultTimeZone: string;
  /** Something that gateways log in with counts no more: connections with it must end. */
  readonly onRevoked: () => void;
  /** UTC ms. */
  readonly now: () => number;
}

const HOUR_MS = 3_600_000;
const params = z.object({ name: slugSchema });
/** Not for API tokens: what is made here opens doors. */
const config = { role: 'admin' } as const;

/** What gateways log in with: one-time codes, passwords, and the end of both and of certificates. */
export function credentialRoutes(app: FastifyInstance, options: CredentialRouteOptions): void {
  codeRoute(app, options);
  const { store, onRevoked, now } = options;
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.post(
    '/api/v1/gateways/:name/password',
    {
      config,
      schema: {
        summary: 'Another password for a gateway; the one before may overlap with it',
        params,
        body: newPasswordSchema,
        response: { 201: passwordSchema },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { overlapHours } = request.body;
      const detail = `the one before counts for ${overlapHours} h`;
      const entry = { ...senderOf(request), action: 'gateway.password', object: name, detail };
      const password = await recorded(store, entry, now(), (trx) =>
        renewGatewayPassword(trx, name, overlapHours * HOUR_MS, now()),
      );
      onRevoked();
      return reply.code(201).send({ password });
    },
  );
  api.post(
    '/api/v1/gateways/:name/revoke',
    {
      config,
      schema: {
        summary:
          'End everything that a gateway logs in with; it is disconnected and stays out until it enrols again',
        params,
        response: { 200: revokedSchema },
      },
    },
    async (request) => {
      const { name } = request.params;
      const entry = { ...senderOf(request), action: 'gateway.revoke', object: name };
      const certificates = await recorded(store, entry, now(), (trx) => revokeGateway(trx, name, now()));
      onRevoked();
      return { certificates };
    },
  );
}

function codeRoute(
  app: FastifyInstance,
  { store, enrolment, defaultTimeZone, now }: CredentialRouteOptions,
): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/gateways/:name/enrolment-codes',
    {
      config,
      schema: {
        summary: 'A one-time code with which a gateway enrols; a gateway that is new is added',
        params,
        body: newCodeSchema,
        response: { 201: madeCodeSchema },
      },
    },
    async (request, reply) => {
      if (enrolment === undefined)
        throw new ProblemError(
          409,
          'enrolment needs TLS: add "https: {}" and "mqtts: {}" to the configuration and start the collector again',
        );
      const { name } = request.params;
      const { site, timeZone, validHours } = request.body;
      const context = { defaultTimeZone, now: now() };
      const validMs = validHours * HOUR_MS;
      const detail = `until ${new Date(context.now + validMs).toISOString()}`;
      const entry = { ...senderOf(request), action: 'enrolment.code', object: name, detail };
      const offer = { name, site, timeZone, validMs, fingerprint: enrolment.fingerprint };
      const { code, expiresAt } = await recorded(store, entry, context.now, (trx) =>
        makeEnrolmentCode(trx, offer, context),
      );
      const command = `headcount-agent enroll ${enrolment.address()} ${code}`;
      return reply.code(201).send({ code, expiresAt, command });
    },
  );
}
