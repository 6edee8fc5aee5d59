/** Pages to Slack, Discord and a phone by the ladder of a running collector, and the answers that they may get. */
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { putOnDuty } from '../../scripts/lib/duty.js';
import { storePlace } from '../src/config/config.js';
import type { NewContact } from '../src/schema/contacts.js';
import { incidentDetailSchema } from '../src/schema/incidents.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { ACCOUNT, AUTH_TOKEN, DISCORD, SLACK, TWILIO } from './_util/dialects.js';
import { HttpReceiver } from './_util/http-receiver.js';
import { until } from './_util/until.js';

const PUBLIC = 'https://collector.example';
const SIGNING_SECRET = 's'.repeat(32);
const WRONG = 'x'.repeat(32);
/** The ladder is looked at every five seconds. */
const TICKS_MS = 15_000;
const TITLE = 'The door counter is dark';

/** A collector in which `lan` is on duty with one contact, and an incident that somebody has opened. */
async function onDuty(
  contact: Omit<NewContact, 'language'>,
  options: Parameters<typeof startCollector>[0],
): Promise<Incident> {
  const collector = await startCollector({
    ...options,
    notify: { publicUrl: PUBLIC, ...options?.notify },
  });
  const contacts = [{ ...contact, language: 'en' as const }];
  const lan = { username: 'lan', password: 'a horse that counts', timeZone: 'UTC', contacts };
  await putOnDuty(storePlace(collector.config), lan);
  const cookie = await collector.logIn();
  const incident = new Incident(collector, cookie);
  const opened = { title: TITLE, severity: 'critical' };
  expect((await collector.post('/api/v1/incidents', opened, { cookie })).status).toBe(201);
  return incident;
}

class Incident {
  private readonly collector: TestCollector;
  private readonly cookie: string;

  constructor(collector: TestCollector, cookie: string) {
    this.collector = collector;
    this.cookie = cookie;
  }

  async read() {
    const response = await this.collector.get('/api/v1/incidents/INC-1', this.cookie);
    return incidentDetailSchema.parse(await response.json());
  }

  /** Who moved it how, and by which channel. */
  async moves(): Promise<string[]> {
    const { timeline } = await this.read();
    return timeline
      .filter(({ actor }) => actor !== 'system' && actor !== 'admin')
      .map(({ kind, actor, channel }) => `${kind} by ${actor} by ${channel}`);
  }

  /** Send a form to a public address, as it stands in messages. */
  submit(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return fetch(url.replace(PUBLIC, this.collector.httpUrl), {
      ...{ method: 'POST', body, headers: { ...type, ...headers } },
    });
  }

  /** Press a button, as Slack tells it. */
  press(action: string, value: string, secret = SIGNING_SECRET): Promise<Response> {
    const payload = {
      ...{ type: 'block_actions', user: { id: 'U1', username: 'lan.tran' } },
      actions: [{ action_id: action, value }],
    };
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const at = String(Math.floor(Date.now() / 1000));
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`;
    const headers = { 'x-slack-request-timestamp': at, 'x-slack-signature': signature };
    return this.submit(`${PUBLIC}/notify/slack`, body, headers);
  }

  /** Press a key in a call, as Twilio tells it. */
  key(url: string, form: Record<string, string>, token = AUTH_TOKEN): Promise<Response> {
    const signed =
      url +
      Object.keys(form)
        .sort()
        .map((name) => name + (form[name] ?? ''))
        .join('');
    const signature = createHmac('sha1', token).update(signed).digest('base64');
    return this.submit(url, new URLSearchParams(form).toString(), { 'x-twilio-signature': signature });
  }
}

describe('Slack', () => {
  const page = async () => {
    const slack = await HttpReceiver.start(SLACK);
    const incident = await onDuty(
      { kind: 'slack', address: `${slack.url}/services/T0/B0/secret` },
      { notify: { weeklyTest: [], slack: {} }, notifySecrets: { slackSigningSecret: SIGNING_SECRET } },
    );
    const { body } = await slack.inbox.next(TICKS_MS);
    expect(body).toContain(TITLE);
    const [, value = ''] = /"action_id":"ack","value":"([^"]+)"/.exec(body) ?? [];
    return { slack, incident, value };
  };

  test('its button acknowledges, and one that Slack has not signed does nothing', async () => {
    const { incident, value } = await page();
    expect((await incident.press('ack', value, WRONG)).status).toBe(401);
    expect(await incident.read()).toMatchObject({ status: 'triggered', holder: null });
    expect((await incident.press('ack', value)).status).toBe(200);
    expect(await incident.read()).toMatchObject({ status: 'acknowledged', holder: 'slack:lan.tran' });
    expect(await incident.moves()).toEqual(['acknowledge by slack:lan.tran by slack']);
  });

  test('Resolve before anybody has acknowledged takes the incident and ends it', async () => {
    const { slack, incident, value } = await page();
    expect((await incident.press('resolve', value, WRONG)).status).toBe(401);
    expect((await incident.press('resolve', value)).status).toBe(200);
    expect(await incident.read()).toMatchObject({
      ...{ status: 'resolved', holder: 'slack:lan.tran', resolveReason: 'answered by slack' },
      ackedAt: expect.any(Number) as number,
    });
    expect(await incident.moves()).toEqual([
      'acknowledge by slack:lan.tran by slack',
      'resolve by slack:lan.tran by slack',
    ]);
    // Whoever was paged is told that it is over.
    expect((await slack.inbox.next(TICKS_MS)).body).toContain('Resolved:');
  });
});

test("Discord's one-time link acknowledges, once", async () => {
  const discord = await HttpReceiver.start(DISCORD);
  const incident = await onDuty(
    { kind: 'discord', address: '123456789012345678' },
    {
      notify: { weeklyTest: [], discord: {} },
      notifySecrets: { discordWebhookUrl: `${discord.url}/api/webhooks/1/secret` },
    },
  );
  const { body } = await discord.inbox.next(TICKS_MS);
  expect(body).toContain('<@123456789012345678>');
  const [link = ''] = /https:\/\/collector\.example\/ack\/[\w-]+/.exec(body) ?? [];
  expect((await incident.submit(`${PUBLIC}/ack/${WRONG}`, '')).status).toBe(404);
  expect(await incident.read()).toMatchObject({ status: 'triggered' });
  expect((await incident.submit(link, '')).status).toBe(200);
  expect((await incident.submit(link, '')).status).toBe(410);
  expect(await incident.read()).toMatchObject({ status: 'acknowledged', holder: 'lan' });
  expect(await incident.moves()).toEqual(['acknowledge by lan by discord']);
});

test('key 1 of a call acknowledges when Twilio has signed it', async () => {
  const twilio = await HttpReceiver.start(TWILIO);
  const incident = await onDuty(
    { kind: 'voice', address: '+84901234567' },
    {
      notify: { weeklyTest: [], twilio: { accountSid: ACCOUNT, from: '+15005550006', apiUrl: twilio.url } },
      notifySecrets: { twilioAuthToken: AUTH_TOKEN },
    },
  );
  const { path, body } = await twilio.inbox.next(TICKS_MS);
  expect(path).toContain('/Calls.json');
  const twiml = new URLSearchParams(body).get('Twiml') ?? '';
  expect(twiml).toContain(TITLE);
  const [, keypad = ''] = /action="([^"]+)"/.exec(twiml) ?? [];
  const pressed = { CallSid: 'CA1', Digits: '1' };
  expect((await incident.key(keypad, pressed, WRONG)).status).toBe(401);
  await incident.key(keypad, { ...pressed, Digits: '7' });
  expect(await incident.read()).toMatchObject({ status: 'triggered' });
  expect(await (await incident.key(keypad, pressed)).text()).toContain('Acknowledged.');
  const taken = await until(async () => {
    const found = await incident.read();
    return found.status === 'acknowledged' ? found : undefined;
  }, 'the acknowledgement');
  expect(taken).toMatchObject({ holder: 'lan' });
  expect(await incident.moves()).toEqual(['acknowledge by lan by voice']);
});
