import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import helmet from '@fastify/helmet';
import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { installProblems } from '../src/api/problems.js';
import type { Acknowledgement } from '../src/notify/answers.js';
import { makeAckToken } from '../src/notify/links.js';
import type { NotificationData } from '../src/notify/message.js';
import { queueNotification } from '../src/notify/outbox.js';
import { takeReceipt } from '../src/notify/receipts.js';
import { notifyRoutes } from '../src/notify/routes.js';
import { ProblemError } from '../src/schema/problem.js';
import { openStore, type Store } from '../src/store/store.js';
import { AUTH_TOKEN, SLACK } from './_util/dialects.js';
import { HttpReceiver } from './_util/http-receiver.js';
import { LogBook } from './_util/logs.js';
import { TestPostgres } from './_util/postgres.js';

const NOW = Date.parse('2026-03-02T10:00Z');
const PUBLIC = 'https://collector.example';
const SIGNING_SECRET = 's'.repeat(32);
const data: NotificationData = {
  ...{ number: 7, title: { en: 'Camera offline', vi: 'Mất camera' }, site: 'main', since: NOW },
  ...{ timeZone: 'UTC', runbook: '' },
};

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

/** The ways in, as the collector opens them, with incidents that the test plays. */
class Desk {
  readonly acknowledged: Omit<Acknowledgement, 'trx'>[] = [];
  readonly failed: string[] = [];
  readonly logs = new LogBook();
  readonly store: Store;
  now = NOW;
  url = '';
  refusal: ProblemError | undefined;

  private constructor(store: Store) {
    this.store = store;
  }

  static async open(kind: 'SQLite' | 'PostgreSQL' = 'SQLite'): Promise<Desk> {
    const folder = mkdtempSync(join(tmpdir(), 'headcount-answers-'));
    const desk = new Desk(
      await openStore(kind === 'SQLite' ? join(folder, 'x.sqlite') : await postgres.database()),
    );
    const app = Fastify({ forceCloseConnections: true });
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(serializerCompiler);
    installProblems(app, desk.logs.logger);
    await app.register(helmet, { enableCSPNonces: true });
    await notifyRoutes(app, {
      ...{ store: desk.store, channels: {}, publicUrl: PUBLIC, timeZone: 'UTC', now: () => desk.now },
      secrets: { slackSigningSecret: SIGNING_SECRET, twilioAuthToken: AUTH_TOKEN },
      wake: () => undefined,
      onFailed: (contact) => Promise.resolve(void desk.failed.push(contact)),
      userOf: (contact) => Promise.resolve(contact === 'lan-mail' ? 'lan' : undefined),
      onAck: ({ trx, ...acknowledgement }) => {
        expect(trx.isTransaction).toBe(true);
        if (desk.refusal !== undefined) return Promise.reject(desk.refusal);
        desk.acknowledged.push(acknowledgement);
        return Promise.resolve();
      },
    });
    desk.url = await app.listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(async () => {
      await app.close();
      await desk.store.destroy();
      rmSync(folder, { recursive: true, force: true });
      desk.logs.check();
    });
    return desk;
  }

  /** A page that is on its way. */
  async page(kind: 'email' | 'voice' | 'sms' = 'email', fallback = false): Promise<string> {
    const contact = {
      id: `lan-${kind === 'email' ? 'mail' : kind}`,
      kind,
      address: '+84901234567',
      language: 'en',
    } as const;
    const id = await queueNotification(
      this.store,
      {
        ...{ incident: 'INC-7', contact, step: 0, loop: 0, kind: 'page', severity: 'critical', data },
        fallbacks: fallback ? [{ ...contact, id: 'minh-sms' }] : [],
        deadlineAt: NOW + 60_000,
      },
      NOW,
    );
    await this.store
      .updateTable('notification')
      .set({ state: 'sent', attempts: 1, next_at: null, sent_at: NOW, provider_ref: 'SM1' })
      .where('id', '=', id)
      .execute();
    return id;
  }

  token(id: string): Promise<string> {
    return makeAckToken(this.store, id, NOW);
  }

  post(path: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return this.send(path, new URLSearchParams(form).toString(), headers);
  }

  send(path: string, body: string, headers: Record<string, string>): Promise<Response> {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return fetch(this.url + path, { method: 'POST', body, headers: { ...type, ...headers } });
  }

  /** As Slack does. */
  press(
    action: object,
    { at = this.now, secret = SIGNING_SECRET, responseUrl = '' } = {},
  ): Promise<Response> {
    const payload = {
      ...{ type: 'block_actions', user: { id: 'U1', username: 'lan' }, actions: [action] },
      ...(responseUrl !== '' && { response_url: responseUrl }),
    };
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const seconds = String(Math.floor(at / 1000));
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex')}`;
    return this.send('/notify/slack', body, {
      'x-slack-request-timestamp': seconds,
      'x-slack-signature': signature,
    });
  }

  /** As Twilio does. */
  call(path: string, form: Record<string, string>, token = AUTH_TOKEN): Promise<Response> {
    const sorted = Object.keys(form).sort();
    const signed = PUBLIC + path + sorted.map((key) => key + (form[key] ?? '')).join('');
    return this.post(path, form, {
      'x-twilio-signature': createHmac('sha1', token).update(signed).digest('base64'),
    });
  }

  async row(id: string) {
    return this.store.selectFrom('notification').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  }
}

describe.each(['SQLite', 'PostgreSQL'] as const)('one-time links on %s', (kind) => {
  test('acknowledge the incident once, end its paging, and leave no trace where the incident refuses', async () => {
    const desk = await Desk.open(kind);
    const id = await desk.page();
    const path = `/ack/${await desk.token(id)}`;
    const waiting = await queueNotification(
      desk.store,
      {
        ...{ incident: 'INC-7', step: 1, loop: 0, kind: 'page', severity: 'critical', data, fallbacks: [] },
        contact: { id: 'minh', kind: 'email', address: 'minh@example.com', language: 'en' },
        deadlineAt: NOW + 60_000,
      },
      NOW,
    );
    desk.refusal = new ProblemError(409, 'the incident is closed');
    const refused = await desk.post(path, {});
    expect([refused.status, await refused.text()]).toMatchObject([
      409,
      expect.stringContaining('the incident is closed'),
    ]);
    expect(await desk.row(id)).toMatchObject({ acked_at: null });
    expect(await desk.row(waiting)).toMatchObject({ state: 'queued' });
    desk.refusal = undefined;
    // Two presses at the same time.
    const answers = await Promise.all([desk.post(path, {}), desk.post(path, {})]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410]);
    expect(desk.acknowledged).toEqual([
      { incident: 'INC-7', action: 'ack', user: 'lan', channel: 'email', now: NOW },
    ]);
    expect(await desk.row(id)).toMatchObject({ acked_at: NOW, acked_by: 'lan' });
    expect(await desk.row(waiting)).toMatchObject({ state: 'cancelled' });
  });
});

test("Slack's buttons act when Slack has signed them lately, and say so in the conversation", async () => {
  const slack = await HttpReceiver.start(SLACK);
  const desk = await Desk.open();
  const id = await desk.page();
  const ack = { action_id: 'ack', value: id };
  for (const how of [{ secret: 'x'.repeat(32) }, { at: NOW - 301_000 }, { at: NOW + 301_000 }])
    expect((await desk.press(ack, how)).status).toBe(401);
  expect((await desk.post('/notify/slack', { payload: '{}' })).status).toBe(401);
  expect(desk.acknowledged).toEqual([]);
  const responseUrl = `${slack.url}/response/1`;
  expect((await desk.press(ack, { at: NOW - 299_000, responseUrl })).status).toBe(200);
  expect(JSON.parse((await slack.inbox.next()).body)).toMatchObject({
    text: 'Acknowledged. / Đã xác nhận. (@lan)',
  });
  // The same request again within the window does nothing more.
  expect((await desk.press(ack, { at: NOW - 299_000, responseUrl })).status).toBe(200);
  expect((await slack.inbox.next()).body).toContain('Already acknowledged');
  expect((await desk.press({ action_id: 'resolve', value: id })).status).toBe(200);
  expect((await desk.press({ action_id: 'link' })).status).toBe(200);
  expect(desk.acknowledged.map(({ action, user }) => [action, user])).toEqual([
    ['ack', 'slack:lan'],
    ['resolve', 'slack:lan'],
  ]);
});

test('key 1 in a call acknowledges, once, and only when Twilio has signed it', async () => {
  const desk = await Desk.open();
  const path = `/notify/twilio/keypad/${await desk.token(await desk.page('voice'))}`;
  const form = { CallSid: 'CA1', Digits: '1' };
  expect((await desk.call(path, form, 'x'.repeat(32))).status).toBe(401);
  expect((await desk.post(path, form)).status).toBe(401);
  // The signature of another address.
  const other = createHmac('sha1', AUTH_TOKEN)
    .update(`${PUBLIC}/elsewhereCallSidCA1Digits1`)
    .digest('base64');
  expect((await desk.post(path, form, { 'x-twilio-signature': other })).status).toBe(401);
  const wrongKey = await desk.call(path, { ...form, Digits: '5' });
  expect([wrongKey.status, await wrongKey.text()]).toMatchObject([
    200,
    expect.stringContaining('cannot be acknowledged'),
  ]);
  expect(desk.acknowledged).toEqual([]);
  const done = await desk.call(path, form);
  expect([done.headers.get('content-type'), await done.text()]).toEqual([
    'text/xml; charset=utf-8',
    expect.stringMatching(/<Response><Say.*>Acknowledged. Thank you.<\/Say>/),
  ]);
  expect(await (await desk.call(path, form)).text()).toContain('cannot be acknowledged');
  expect(desk.acknowledged).toMatchObject([{ incident: 'INC-7', action: 'ack', channel: 'voice' }]);
});

test('receipts only go forward, and what did not arrive goes to the next contact', async () => {
  const desk = await Desk.open();
  const id = await desk.page('sms', true);
  const path = `/notify/twilio/status/${id}`;
  const receipt = (MessageStatus: string, MessageSid = 'SM1') =>
    desk.call(path, { MessageSid, MessageStatus });
  expect((await desk.post(path, { MessageSid: 'SM1', MessageStatus: 'failed' })).status).toBe(401);
  expect((await receipt('undelivered', 'SM2')).status).toBe(204);
  expect((await receipt('sent')).status).toBe(204);
  expect(await desk.row(id)).toMatchObject({ state: 'sent', provider_seq: 3 });
  await receipt('queued');
  expect(await desk.row(id)).toMatchObject({ state: 'sent', provider_seq: 3 });
  await receipt('undelivered');
  await receipt('delivered');
  expect(await desk.row(id)).toMatchObject({ state: 'failed', provider_seq: 6 });
  expect(desk.failed).toEqual(['lan-sms']);
  const rows = await desk.store
    .selectFrom('notification')
    .select(['contact', 'state'])
    .where('id', '!=', id)
    .execute();
  expect(rows).toEqual([{ contact: 'minh-sms', state: 'queued' }]);
  const arrived = await desk.page('voice');
  const call = { notification: arrived, ref: 'SM1', error: '' };
  expect(await takeReceipt(desk.store, { ...call, seq: 4, result: 'delivered' }, NOW)).toBe('lan-voice');
  expect(await takeReceipt(desk.store, { ...call, seq: 5, result: 'delivered' }, NOW)).toBeUndefined();
  expect(await desk.row(arrived)).toMatchObject({ state: 'delivered', delivered_at: NOW });
});
