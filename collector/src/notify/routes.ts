import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import type { NotifySecrets } from '../config/notify.js';
import type { Contact } from '../oncall/targets.js';
import { CHANNEL_KINDS } from '../schema/notification-words.js';
import {
  channelTestSchema,
  contactTestSchema,
  notificationChannelsSchema,
  notificationsQuerySchema,
  notificationsSchema,
  queuedTestSchema,
} from '../schema/notifications.js';
import { ProblemError } from '../schema/problem.js';
import { ackRoutes } from './ack-routes.js';
import type { AnswerSide } from './answers.js';
import { listNotifications } from './list.js';
import { masked } from './masked.js';
import type { Channels } from './message.js';
import { slackRoutes } from './slack-routes.js';
import { queueTest } from './tests.js';
import { twilioRoutes } from './twilio-routes.js';

/** What the routes need of this stage. */
export interface NotifySide extends AnswerSide {
  readonly channels: Channels;
  readonly publicUrl: string | undefined;
  /** For signatures of those who answer. */
  readonly secrets: NotifySecrets;
  /** Zone in which tests show times. */
  readonly timeZone: string;
  /** Contacts of a person. */
  readonly contactsOf?: ((username: string) => Promise<readonly Contact[]>) | undefined;
  /** This contact's address does not work. */
  readonly onFailed?: ((contact: string) => Promise<void>) | undefined;
  /** Something was queued. */
  readonly wake: () => void;
}

/** Notifications for people who are logged in, and the ways in for those who answer without. */
export async function notifyRoutes(app: FastifyInstance, side: NotifySide): Promise<void> {
  listRoutes(app, side);
  testRoutes(app, side);
  await app.register((open, _options, done) => {
    // Forms of pages and services; as text, because signatures are made over it.
    open.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      (_request, body, parsed) => parsed(null, body),
    );
    ackRoutes(open, side);
    slackRoutes(open, { ...side, signingSecret: side.secrets.slackSigningSecret });
    twilioRoutes(open, { ...side, authToken: side.secrets.twilioAuthToken });
    done();
  });
}

function listRoutes(app: FastifyInstance, { store, channels, contactsOf }: NotifySide): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/notifications',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Messages to people, with what came of every attempt',
        querystring: notificationsQuerySchema,
        response: { 200: notificationsSchema },
      },
    },
    async ({ query }) => listNotifications(store, query),
  );
  api.get(
    '/api/v1/notifications/channels',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Channels that are set up, and your own contacts',
        response: { 200: notificationChannelsSchema },
      },
    },
    async ({ username }) => ({
      channels: CHANNEL_KINDS.filter((kind) => channels[kind] !== undefined),
      contacts: ((await contactsOf?.(username)) ?? []).map(({ id, kind, address }) => ({
        ...{ id, kind, address: masked(kind, address) },
      })),
    }),
  );
}

function testRoutes(app: FastifyInstance, side: NotifySide): void {
  const { store, channels, timeZone, contactsOf, wake, now } = side;
  const api = app.withTypeProvider<ZodTypeProvider>();
  const test = async (request: { username: string; ip: string }, contact: Contact) => {
    if (channels[contact.kind] === undefined)
      throw new ProblemError(409, `kind: ${contact.kind} is not set up; see notify in the configuration`);
    const object = `${contact.kind} ${masked(contact.kind, contact.address)}`;
    const entry = { ...senderOf(request), action: 'notification.test', object };
    const at = now();
    const id = await recorded(store, entry, at, (trx) => queueTest(trx, contact, { timeZone, now: at }));
    wake();
    return { id };
  };
  api.post(
    '/api/v1/notifications/tests',
    {
      config: { role: 'admin' },
      schema: {
        summary: 'Send a test page to any address of a channel',
        body: channelTestSchema,
        response: { 202: queuedTestSchema },
      },
    },
    async (request, reply) => {
      const { kind, address } = request.body;
      const contact = { ...request.body, id: `test ${kind} ${address}` };
      return reply.code(202).send(await test(request, contact));
    },
  );
  api.post(
    '/api/v1/notifications/own-tests',
    {
      config: { role: 'self' },
      schema: {
        summary: 'Send a test page to a contact of your own',
        body: contactTestSchema,
        response: { 202: queuedTestSchema },
      },
    },
    async (request, reply) => {
      const own = (await contactsOf?.(request.username)) ?? [];
      const contact = own.find(({ id }) => id === request.body.contact);
      if (contact === undefined) throw new ProblemError(404, 'contact: you have no such contact');
      return reply.code(202).send(await test(request, contact));
    },
  );
}
