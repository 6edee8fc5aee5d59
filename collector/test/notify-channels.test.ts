import { expect, onTestFinished, test } from 'vitest';
import { DiscordChannel } from '../src/notify/channels/discord.js';
import { SlackChannel } from '../src/notify/channels/slack.js';
import { SmsChannel, VoiceChannel } from '../src/notify/channels/twilio.js';
import { WebhookChannel } from '../src/notify/channels/webhook.js';
import type { Channel, Message, Outcome } from '../src/notify/message.js';
import { pingWatcher } from '../src/notify/ping.js';
import {
  ACCOUNT,
  AUTH_TOKEN,
  DISCORD,
  SLACK,
  SLACK_TOKEN,
  TWILIO,
  WEBHOOK,
  WEBHOOK_SECRET,
} from './_util/dialects.js';
import { HttpReceiver, type Answer } from './_util/http-receiver.js';

const message = (changes: Partial<Message> = {}): Message => ({
  ...{
    id: '5f0c',
    idemKey: 'b'.repeat(64),
    duplicate: false,
    kind: 'page',
    severity: 'high',
    language: 'en',
  },
  ...{
    address: '',
    incident: 'INC-7',
    subject: '[HIGH] #7 main: <Camera> *offline*',
    lines: ['Door & hall'],
  },
  incidentUrl: 'https://collector.example/#incidents/INC-7',
  runbookUrl: 'https://collector.example/#handbook/camera-offline',
  ...{ ackUrl: 'https://collector.example/ack/token', token: 'token', firstRef: undefined },
  ...changes,
});
const send = (
  channel: Channel,
  changes: Partial<Message>,
  signal = AbortSignal.timeout(5000),
): Promise<Outcome> => channel.send(message(changes), signal);
const json = async (receiver: HttpReceiver) =>
  JSON.parse((await receiver.inbox.next()).body) as Record<string, unknown>;

test('Slack by a bot: a page with buttons, updates in its thread, and its end in its place', async () => {
  const slack = await HttpReceiver.start(SLACK);
  const channel = new SlackChannel({ botToken: SLACK_TOKEN, interactive: true, apiUrl: `${slack.url}/api` });
  const sent = await send(channel, { address: 'U012AB3CD' });
  expect(sent).toEqual({ kind: 'ok', status: 200, ref: 'D0AAAAAAA 1700000000.000100' });
  const posted = await json(slack);
  expect(posted).toMatchObject({ channel: 'U012AB3CD', text: '[HIGH] #7 main: &lt;Camera&gt; *offline*' });
  const actions = (
    posted['blocks'] as {
      elements?: { text: { text: string }; action_id?: string; value?: string; url?: string }[];
    }[]
  )[2];
  expect(actions?.elements?.map(({ text, action_id }) => [text.text, action_id])).toEqual([
    ['Acknowledge', 'ack'],
    ['Resolve', 'resolve'],
    ['Incident', undefined],
    ['Runbook', undefined],
  ]);
  expect(actions?.elements?.at(-1)?.url).toBe('https://collector.example/#handbook/camera-offline');
  const firstRef = sent.kind === 'ok' ? sent.ref : undefined;
  await send(channel, { address: 'U012AB3CD', kind: 'update', firstRef });
  expect(await json(slack)).toMatchObject({ channel: 'D0AAAAAAA', thread_ts: '1700000000.000100' });
  await send(channel, { address: 'U012AB3CD', kind: 'resolved', firstRef, ackUrl: undefined });
  const update = await slack.inbox.next();
  expect([update.path, update.body]).toEqual(['/api/chat.update', expect.not.stringContaining('"ack"')]);
});

test('Slack by a webhook: buttons are links, and a contact may have a webhook of its own', async () => {
  const slack = await HttpReceiver.start(SLACK);
  const channel = new SlackChannel({ webhookUrl: `${slack.url}/services/T0/B0/secret`, interactive: false });
  for (const address of ['C012AB3CD', `${slack.url}/services/T0/B0/secret`]) {
    expect(await send(channel, { address })).toMatchObject({ kind: 'ok' });
    expect((await slack.inbox.next()).body).toContain('"url":"https://collector.example/ack/token"');
  }
});

test.each<[string, Answer, Outcome]>([
  [
    'ratelimited',
    { status: 429, headers: { 'retry-after': '30' } },
    { kind: 'temp', status: 429, error: 'Slack answers 429', retryAfterMs: 30_000 },
  ],
  [
    'broken',
    { status: 503 },
    { kind: 'temp', status: 503, error: 'Slack answers 503', retryAfterMs: undefined },
  ],
  [
    'nobody there',
    { status: 200, body: '{"ok":false,"error":"channel_not_found"}' },
    { kind: 'perm', status: 200, error: 'Slack answers channel_not_found', contactFault: true },
  ],
  [
    'not let in',
    { status: 200, body: '{"ok":false,"error":"token_revoked"}' },
    { kind: 'perm', status: 200, error: 'Slack answers token_revoked', contactFault: false },
  ],
  [
    'for a moment',
    { status: 200, body: '{"ok":false,"error":"internal_error"}' },
    { kind: 'temp', status: 200, error: 'Slack answers internal_error' },
  ],
  [
    'a proxy',
    { status: 200, body: '<html>' },
    { kind: 'unknown', status: 200, error: 'Slack answers with something else than JSON' },
  ],
])('what Slack answers is understood: %s', async (_name, answer, outcome) => {
  const slack = await HttpReceiver.start(SLACK);
  slack.answers.push(answer);
  const channel = new SlackChannel({ botToken: SLACK_TOKEN, interactive: true, apiUrl: `${slack.url}/api` });
  expect(await send(channel, { address: 'U012AB3CD' })).toEqual(outcome);
  await slack.inbox.next();
});

test('Discord: an embed with links, a person who is mentioned, its limits, and the end in the place of the page', async () => {
  const discord = await HttpReceiver.start(DISCORD);
  const webhookUrl = `${discord.url}/api/webhooks/1/secret`;
  const channel = new DiscordChannel({ webhookUrl });
  expect(await send(channel, { address: '123456789012345678' })).toEqual({
    ...{ kind: 'ok', status: 200, ref: '1234567890', pauseMs: undefined },
  });
  expect(await json(discord)).toMatchObject({
    content: '<@123456789012345678>',
    allowed_mentions: { parse: [], users: ['123456789012345678'] },
    embeds: [
      {
        title: String.raw`[HIGH] #7 main: <Camera\> \*offline\*`,
        description: expect.stringMatching(
          /\[Acknowledge\]\(https:\/\/collector\.example\/ack\/token\).*\[Runbook\]\(https:\/\/collector\.example\/#handbook\/camera-offline\)/,
        ) as string,
      },
    ],
  });
  discord.answers.push({
    ...{ status: 200, body: '{"id":"1234567890"}' },
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '1.25' },
  });
  expect(await send(channel, { address: webhookUrl })).toMatchObject({ kind: 'ok', pauseMs: 1250 });
  expect(await json(discord)).toMatchObject({ content: '' });
  await send(channel, { address: webhookUrl, kind: 'resolved', firstRef: '1234567890', ackUrl: undefined });
  expect(await discord.inbox.next()).toMatchObject({ method: 'PATCH' });
  discord.answers.push({ status: 429, headers: { 'retry-after': '0.5' } }, { status: 404 });
  expect(await send(channel, { address: webhookUrl })).toMatchObject({ kind: 'temp', retryAfterMs: 500 });
  expect(await send(channel, { address: webhookUrl })).toMatchObject({ kind: 'perm', contactFault: true });
  await discord.inbox.next();
  await discord.inbox.next();
});

test('Twilio: an SMS with the link, a call that asks for a key, and what it refuses', async () => {
  const twilio = await HttpReceiver.start(TWILIO);
  const options = { accountSid: ACCOUNT, authToken: AUTH_TOKEN, from: '+15005550006', apiUrl: twilio.url };
  const publicUrl = 'https://collector.example';
  const sms = new SmsChannel({ ...options, publicUrl });
  const address = '+84901234567';
  expect(await send(sms, { address })).toEqual({ kind: 'ok', status: 201, ref: 'SM1' });
  const form = new URLSearchParams((await twilio.inbox.next()).body);
  expect(form.get('Body')).toBe(
    '[HIGH] #7 main: <Camera> *offline*\nAcknowledge: https://collector.example/ack/token\nRunbook: https://collector.example/#handbook/camera-offline',
  );
  expect(form.get('StatusCallback')).toBe('https://collector.example/notify/twilio/status/5f0c');
  const voice = new VoiceChannel({ ...options, publicUrl });
  expect(await send(voice, { address, language: 'vi' })).toMatchObject({ kind: 'ok', ref: 'CA1' });
  const twiml = new URLSearchParams((await twilio.inbox.next()).body).get('Twiml');
  expect(twiml).toMatch(
    /<Gather numDigits="1" timeout="10" action="https:\/\/collector.example\/notify\/twilio\/keypad\/token">/,
  );
  expect(twiml).toMatch(/language="vi-VN".*&lt;Camera&gt;.*bấm phím 1/);
  twilio.answers.push(
    { status: 400, body: '{"code":21211,"message":"invalid number","status":400}' },
    { status: 401, body: '{"code":20003,"message":"authenticate","status":401}' },
    { status: 429, body: '{"code":20429,"message":"too many","status":429}' },
    { status: 201, body: 'not JSON' },
  );
  expect(await send(sms, { address })).toMatchObject({ kind: 'perm', status: 400, contactFault: true });
  expect(await send(sms, { address })).toMatchObject({ kind: 'perm', status: 401, contactFault: false });
  expect(await send(sms, { address })).toMatchObject({ kind: 'temp', status: 429 });
  expect(await send(sms, { address })).toMatchObject({ kind: 'unknown' });
  for (let count = 0; count < 4; count++) await twilio.inbox.next();
});

test('a webhook is signed and has the same key at every attempt', async () => {
  const receiver = await HttpReceiver.start(WEBHOOK);
  const channel = new WebhookChannel({ secret: WEBHOOK_SECRET, now: Date.now });
  expect(await send(channel, { address: `${receiver.url}/x`, duplicate: true })).toEqual({
    kind: 'ok',
    status: 200,
  });
  expect(await json(receiver)).toMatchObject({
    id: 'b'.repeat(64),
    possibleDuplicate: true,
    runbookUrl: 'https://collector.example/#handbook/camera-offline',
    incident: 'INC-7',
  });
  receiver.answers.push({ status: 302, headers: { location: '/elsewhere' } });
  expect(await send(channel, { address: `${receiver.url}/x` })).toMatchObject({ kind: 'perm', status: 302 });
  await receiver.inbox.next();
});

test('a request that was not written is told from one that may have been read', async () => {
  const receiver = await HttpReceiver.start(WEBHOOK);
  const channel = new WebhookChannel({ secret: WEBHOOK_SECRET, now: Date.now });
  expect(await send(channel, { address: 'http://127.0.0.1:1/x' })).toMatchObject({ kind: 'temp' });
  // It speaks no TLS: the connection stands, but nothing of the message is on it.
  expect(await send(channel, { address: `${receiver.url.replace('http', 'https')}/x` })).toMatchObject({
    kind: 'temp',
  });
  let free: (answer: Answer) => void = () => undefined;
  onTestFinished(() => free({ status: 200 }));
  const hurry = new AbortController();
  receiver.answers.push(() => {
    hurry.abort();
    return new Promise((resolve) => (free = resolve));
  });
  const held = await send(channel, { address: `${receiver.url}/x` }, hurry.signal);
  expect(held).toEqual({ kind: 'unknown', error: 'no answer in time' });
  await receiver.inbox.next();
});

test("a dead man's switch is told only while the outbox moves", async () => {
  const watcher = await HttpReceiver.start({
    ...{ name: 'the watcher', success: () => ({ status: 200 }) },
    problem: ({ method, path }) => (method === 'GET' && path === '/ping/1' ? undefined : 'no such check'),
  });
  await pingWatcher(`${watcher.url}/ping/1`, { progressAt: 1000, now: 61_000 });
  await watcher.inbox.next();
  await expect(pingWatcher(`${watcher.url}/ping/1`, { progressAt: 1000, now: 61_001 })).rejects.toThrow(
    /stands still/,
  );
  watcher.answers.push({ status: 404 });
  await expect(pingWatcher(`${watcher.url}/ping/1`, { progressAt: 1000, now: 1000 })).rejects.toThrow(
    /answers 404/,
  );
  await watcher.inbox.next();
});

test.each<[string, Channel]>([
  ['webhook', new WebhookChannel({ secret: WEBHOOK_SECRET, now: Date.now })],
  ['Slack', new SlackChannel({ interactive: false })],
  ['Discord', new DiscordChannel({})],
])('an address that is none is refused for good: %s', async (_name, channel) => {
  expect(await send(channel, { address: 'http://[nonsense' })).toMatchObject({ kind: 'perm' });
});
