import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import {
  changeContactSchema,
  contactCodeSchema,
  contactSchema,
  contactsSchema,
  newContactSchema,
} from '../schema/contacts.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable } from '../store/store.js';
import {
  addContact,
  changeContact,
  confirmCode,
  dropCode,
  listContacts,
  newCode,
  removeContact,
  tryCode,
} from './contacts.js';
import type { OncallRouteOptions } from './routes.js';

const config = { role: 'self' } as const;
const params = z.object({ id: z.string().max(40) });

/** `/api/v1/account/contacts`: where whoever is logged in can be reached. */
export function contactRoutes(app: FastifyInstance, options: OncallRouteOptions): void {
  ownRoutes(app, options);
  verificationRoutes(app, options);
}

/** Change own contacts; the entry of the audit log names kind and id, for the address of a webhook is a secret. */
async function changing<T>(
  { store, now }: OncallRouteOptions,
  request: FastifyRequest,
  entry: { action: string; object: string; detail?: string },
  change: (trx: Queryable) => Promise<T>,
): Promise<T> {
  return recorded(store, { ...senderOf(request), ...entry }, now(), change);
}

function ownRoutes(app: FastifyInstance, options: OncallRouteOptions): void {
  const { store, now } = options;
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/account/contacts',
    { config, schema: { summary: 'Where you can be reached', response: { 200: contactsSchema } } },
    async (request) => ({ contacts: await listContacts(store, request.username) }),
  );
  api.post(
    '/api/v1/account/contacts',
    {
      config,
      schema: {
        summary: 'Add an address of yours; nobody is paged there before it is verified',
        body: newContactSchema,
        response: { 201: contactSchema },
      },
    },
    async (request, reply) => {
      const entry = { action: 'contact.add', object: request.username, detail: request.body.kind };
      const made = await changing(options, request, entry, (trx) =>
        addContact(trx, request.username, request.body, now()),
      );
      return reply.code(201).send(made);
    },
  );
  api.patch(
    '/api/v1/account/contacts/:id',
    {
      config,
      schema: {
        summary: 'Change the language of an address of yours, or whether it is used',
        params,
        body: changeContactSchema,
        response: { 200: contactSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const entry = { action: 'contact.change', object: id, detail: JSON.stringify(request.body) };
      return changing(options, request, entry, (trx) =>
        changeContact(trx, { id, username: request.username }, request.body),
      );
    },
  );
  api.delete(
    '/api/v1/account/contacts/:id',
    { config, schema: { summary: 'Remove an address of yours', params, response: { 204: z.null() } } },
    async (request, reply) => {
      const { id } = request.params;
      await changing(options, request, { action: 'contact.remove', object: id }, (trx) =>
        removeContact(trx, { id, username: request.username }),
      );
      return reply.code(204).send(null);
    },
  );
}

function verificationRoutes(app: FastifyInstance, options: OncallRouteOptions): void {
  const { store, now, sendCode } = options;
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.post(
    '/api/v1/account/contacts/:id/code',
    {
      config,
      schema: {
        summary: 'Send a code to an address of yours',
        description: 'Good for 15 minutes and five tries; the next one can be sent after a minute.',
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const key = { id: request.params.id, username: request.username };
      const entry = { action: 'contact.code', object: key.id };
      const { contact, code } = await changing(options, request, entry, (trx) => newCode(trx, key, now()));
      const problem = await sendCode(contact, code);
      if (problem === undefined) return reply.code(204).send(null);
      await dropCode(store, key);
      throw new ProblemError(503, problem);
    },
  );
  api.post(
    '/api/v1/account/contacts/:id/verification',
    {
      config,
      schema: {
        summary: 'Prove with the code that an address is yours',
        params,
        body: contactCodeSchema,
        response: { 200: contactSchema },
      },
    },
    async (request) => {
      const key = { id: request.params.id, username: request.username };
      // Counted outside of the transaction, which a wrong code rolls back.
      const codeHash = await tryCode(store, key, now());
      const proof = { code: request.body.code, codeHash, now: now() };
      return changing(options, request, { action: 'contact.verify', object: key.id }, (trx) =>
        confirmCode(trx, key, proof),
      );
    },
  );
}
