import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from '../schema/problem.js';
import { linkOf, useLink, type AnswerSide } from './answers.js';
import { loadTwilio, sentence } from './channels/twilio.js';
import { takeReceipt, type Receipt } from './receipts.js';
import { wordsOf } from './template.js';

/** What the routes need beside the answers. */
export interface TwilioSide extends AnswerSide {
  readonly authToken: string | undefined;
  readonly publicUrl: string | undefined;
  /** This contact's address does not work. */
  readonly onFailed?: ((contact: string) => Promise<void>) | undefined;
  /** Something was queued. */
  readonly wake: () => void;
}

/** States of messages and calls in the order in which they come. */
const STATES: Readonly<Record<string, readonly [seq: number, result: Receipt['result']]>> = {
  queued: [1, 'under way'],
  initiated: [1, 'under way'],
  ringing: [2, 'under way'],
  sending: [2, 'under way'],
  sent: [3, 'under way'],
  'in-progress': [4, 'delivered'],
  delivered: [4, 'delivered'],
  read: [5, 'delivered'],
  completed: [5, 'delivered'],
  undelivered: [6, 'failed'],
  failed: [6, 'failed'],
  busy: [6, 'failed'],
  'no-answer': [6, 'failed'],
  canceled: [6, 'failed'],
};
/** A receipt may come before the answer to the request that it belongs to was noted: tries, and the time between them (ms). */
const TRIES = 10;
const STEP_MS = 200;

const options = { config: { public: true }, schema: { hide: true } } as const;

/** Keys that somebody pressed in a call, and receipts; only what Twilio has signed is heard. */
export function twilioRoutes(app: FastifyInstance, side: TwilioSide): void {
  app.post<{ Params: { token: string } }>('/notify/twilio/keypad/:token', options, async (request, reply) => {
    const form = await signedForm(request, side);
    const { token } = request.params;
    const link = await linkOf(side, token);
    const language = link?.row.language ?? 'en';
    const words = wordsOf(language).voice;
    const done = form.get('Digits') === '1' && (await acknowledged(side, token, request.ip));
    return reply
      .type('text/xml; charset=utf-8')
      .send(await sentence(language, done ? words.thanks : words.over));
  });
  app.post<{ Params: { id: string } }>('/notify/twilio/status/:id', options, async (request, reply) => {
    const form = await signedForm(request, side);
    const [seq, result] = STATES[form.get('MessageStatus') ?? form.get('CallStatus') ?? ''] ?? [];
    const ref = form.get('MessageSid') ?? form.get('CallSid');
    if (seq !== undefined && result !== undefined && ref !== null) {
      const code = form.get('ErrorCode');
      const error = `not delivered${code === null ? '' : `, error ${code} of Twilio`}`;
      await noteReceipt(side, { notification: request.params.id, ref, seq, result, error });
    }
    return reply.code(204).send();
  });
}

async function acknowledged(side: TwilioSide, token: string, from: string): Promise<boolean> {
  try {
    return (await useLink(side, token, from)) === 'done';
  } catch (error) {
    if (error instanceof ProblemError) return false;
    throw error;
  }
}

async function noteReceipt({ store, now, wake, onFailed }: TwilioSide, receipt: Receipt): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const contact = await takeReceipt(store, receipt, now());
    if (contact !== undefined) {
      wake();
      if (receipt.result === 'failed') await onFailed?.(contact);
      return;
    }
    const sending = await store
      .selectFrom('notification')
      .select('id')
      .where('id', '=', receipt.notification)
      .where('state', '=', 'sending')
      .executeTakeFirst();
    if (sending === undefined) return;
    await sleep(STEP_MS);
  }
}

/** twilio.com/docs/usage/webhooks/webhooks-security: signed are the address as Twilio knows it, and the form. */
async function signedForm(
  { url, headers, body }: FastifyRequest,
  { authToken, publicUrl }: TwilioSide,
): Promise<URLSearchParams> {
  const form = new URLSearchParams(typeof body === 'string' ? body : '');
  const given = headers['x-twilio-signature'];
  if (authToken === undefined || publicUrl === undefined || typeof given !== 'string')
    throw new ProblemError(401, 'this was not signed by Twilio');
  const { validateRequest } = await loadTwilio();
  if (!validateRequest(authToken, given, publicUrl + url, Object.fromEntries(form)))
    throw new ProblemError(401, 'this was not signed by Twilio');
  return form;
}
