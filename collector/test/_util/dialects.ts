import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Dialect, Incoming } from './http-receiver.js';

export const SLACK_TOKEN = 'xoxb-test-token';
export const ACCOUNT = `AC${'0123456789abcdef'.repeat(2)}`;
export const AUTH_TOKEN = 'fedcba9876543210'.repeat(2);
export const WEBHOOK_SECRET = 'w'.repeat(40);

const plainText = z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(150) });
const button = z
  .strictObject({
    type: z.literal('button'),
    text: plainText,
    url: z.url().max(3000).optional(),
    action_id: z.string().max(255).optional(),
    value: z.string().max(2000).optional(),
    style: z.enum(['primary', 'danger']).optional(),
  })
  .refine(({ url, action_id }) => (url === undefined) !== (action_id === undefined));
/** Block Kit, as far as it is used. */
const blocks = z
  .array(
    z.union([
      z.strictObject({ type: z.literal('header'), text: plainText }),
      z.strictObject({
        type: z.literal('section'),
        text: z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(3000) }),
      }),
      z.strictObject({ type: z.literal('actions'), elements: z.array(button).min(1).max(25) }),
    ]),
  )
  .max(50);
const slackMessage = { text: z.string().min(1), unfurl_links: z.boolean(), blocks };
const SLACK_BODIES: Readonly<Record<string, z.ZodType>> = {
  '/api/chat.postMessage': z.strictObject({
    ...slackMessage,
    ...{ channel: z.string(), thread_ts: z.string().optional() },
  }),
  '/api/chat.update': z.strictObject({ ...slackMessage, channel: z.string(), ts: z.string() }),
  '/services/T0/B0/secret': z.strictObject(slackMessage),
  '/response/1': z.strictObject({
    response_type: z.literal('in_channel'),
    replace_original: z.literal(false),
    text: z.string(),
  }),
};

const isJson = ({ method, headers }: Incoming) =>
  method === 'POST' && headers['content-type'] === 'application/json; charset=utf-8';

/** Slack's Web API, incoming webhooks and response URLs. */
export const SLACK: Dialect = {
  name: 'Slack',
  problem: (incoming) => {
    const schema = SLACK_BODIES[incoming.path];
    if (schema === undefined) return 'no such method';
    if (!isJson(incoming)) return 'no JSON';
    const open = !incoming.path.startsWith('/api/');
    if (!open && incoming.headers.authorization !== `Bearer ${SLACK_TOKEN}`) return 'not_authed';
    return schema.safeParse(JSON.parse(incoming.body)).error?.message;
  },
  success: ({ path }) =>
    path.startsWith('/api/')
      ? { status: 200, body: JSON.stringify({ ok: true, channel: 'D0AAAAAAA', ts: '1700000000.000100' }) }
      : { status: 200, body: 'ok' },
};

const embedMessage = z.strictObject({
  content: z.string().max(2000),
  allowed_mentions: z.strictObject({ parse: z.tuple([]), users: z.array(z.string()).optional() }),
  embeds: z
    .array(
      z.strictObject({
        title: z.string().min(1).max(256),
        description: z.string().max(4096),
        color: z.int().max(0xff_ff_ff),
        url: z.url().optional(),
      }),
    )
    .length(1),
});

/** Webhooks of Discord. */
export const DISCORD: Dialect = {
  name: 'Discord',
  problem: (incoming) => {
    const posted = incoming.method === 'POST' && incoming.path === '/api/webhooks/1/secret?wait=true';
    const edited =
      incoming.method === 'PATCH' && incoming.path === '/api/webhooks/1/secret/messages/1234567890';
    if (!posted && !edited) return 'no such webhook';
    return embedMessage.safeParse(JSON.parse(incoming.body)).error?.message;
  },
  success: () => ({
    status: 200,
    headers: { 'x-ratelimit-remaining': '4', 'x-ratelimit-reset-after': '1' },
    body: JSON.stringify({ id: '1234567890', type: 0 }),
  }),
};

const smsForm = z.strictObject({
  To: z.string().startsWith('+'),
  From: z.string().startsWith('+'),
  Body: z.string().min(1).max(1600),
  StatusCallback: z.url().optional(),
});
const callForm = z.strictObject({
  To: z.string().startsWith('+'),
  From: z.string().startsWith('+'),
  Twiml: z.string().regex(/^<\?xml.*<Response>.*<\/Response>$/s),
  StatusCallback: z.url().optional(),
  StatusCallbackEvent: z.string().optional(),
});

/** Messages and calls of Twilio's API. */
export const TWILIO: Dialect = {
  name: 'Twilio',
  problem: ({ method, path, headers, body }) => {
    const basic = `Basic ${Buffer.from(`${ACCOUNT}:${AUTH_TOKEN}`).toString('base64')}`;
    if (headers.authorization !== basic) return 'authenticate';
    const base = `/2010-04-01/Accounts/${ACCOUNT}`;
    const schema = { [`${base}/Messages.json`]: smsForm, [`${base}/Calls.json`]: callForm }[path];
    if (method !== 'POST' || schema === undefined) return 'no such resource';
    return schema.safeParse(Object.fromEntries(new URLSearchParams(body))).error?.message;
  },
  success: ({ path }) => ({
    status: 201,
    body: JSON.stringify({ sid: path.endsWith('Calls.json') ? 'CA1' : 'SM1', status: 'queued' }),
  }),
};

/** A receiver of signed webhooks. */
export const WEBHOOK: Dialect = {
  name: 'the webhook',
  problem: ({ method, headers, body }) => {
    const [, seconds = '', given] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['headcount-signature'])) ?? [];
    const right = createHmac('sha256', WEBHOOK_SECRET).update(`${seconds}.${body}`).digest('hex');
    if (method !== 'POST' || given !== right) return 'not signed';
    const { id } = JSON.parse(body) as { id: string };
    return headers['idempotency-key'] === id ? undefined : 'no key';
  },
  success: () => ({ status: 200 }),
};
