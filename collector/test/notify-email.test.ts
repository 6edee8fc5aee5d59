import { expect, onTestFinished, test } from 'vitest';
import { EmailChannel } from '../src/notify/channels/email.js';
import type { Message } from '../src/notify/message.js';
import { queueNotification } from '../src/notify/outbox.js';
import { queuedTestSchema, notificationsSchema } from '../src/schema/notifications.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { smtpError, TestSmtp } from './_util/smtp.js';
import { until } from './_util/until.js';

const PUBLIC = 'https://collector.example';

async function start(smtp: TestSmtp): Promise<{ collector: TestCollector; cookie: string }> {
  const collector = await startCollector({
    notify: { publicUrl: PUBLIC, email: { from: 'Headcount <headcount@example.com>' } },
    notifySecrets: { smtpUrl: smtp.url },
  });
  return { collector, cookie: await collector.logIn() };
}

async function newest(collector: TestCollector, cookie: string) {
  const answer = await collector.get('/api/v1/notifications', cookie);
  expect(answer.status).toBe(200);
  return notificationsSchema.parse(await answer.json()).notifications[0];
}

/** What a browser does with the link of a mail, on this machine. */
function open(collector: TestCollector, link: string, method: 'GET' | 'POST'): Promise<Response> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': '192.0.2.1' };
  const form = method === 'POST' ? { headers, body: '' } : {};
  return fetch(link.replace(PUBLIC, collector.httpUrl), { method, ...form });
}

test('a test page arrives as text and HTML, its link asks first, acknowledges once, and no database holds it', async () => {
  const smtp = await TestSmtp.start();
  const { collector, cookie } = await start(smtp);
  const body = { kind: 'email', address: 'lan@example.com', language: 'vi' };
  const answer = await collector.post('/api/v1/notifications/tests', body, { cookie });
  expect(answer.status).toBe(202);
  const { id } = queuedTestSchema.parse(await answer.json());
  const mail = await smtp.inbox.next();
  expect(mail).toMatchObject({ to: 'lan@example.com', subject: 'Thử: Headcount gọi bạn' });
  const [link = ''] = /https:\/\/collector\.example\/ack\/[\w-]+/.exec(mail.text) ?? [];
  expect(mail.html).toContain(`href="${link}"`);
  expect(mail.text).toContain(`Hướng dẫn xử lý: ${PUBLIC}/#handbook/pager-test`);
  expect(mail.html).toContain(`href="${PUBLIC}/#handbook/pager-test"`);
  const sent = await until(async () => {
    const found = await newest(collector, cookie);
    return found?.state === 'sent' ? found : undefined;
  }, 'sent');
  expect(sent).toMatchObject({
    id,
    address: 'l…@example.com',
    attempts: [{ n: 1, outcome: 'ok' }],
    ackedAt: null,
  });
  // A scanner that opens every link, twice.
  for (let times = 0; times < 2; times++) {
    const page = await open(collector, link, 'GET');
    expect([page.status, await page.text()]).toMatchObject([
      200,
      expect.stringContaining('<button autofocus>Xác nhận'),
    ]);
  }
  expect(await newest(collector, cookie)).toMatchObject({ ackedAt: null });
  const done = await open(collector, link, 'POST');
  expect([done.status, await done.text()]).toMatchObject([200, expect.stringContaining('Đã xác nhận')]);
  expect(await newest(collector, cookie)).toMatchObject({ ackedBy: 'l…@example.com' });
  for (const method of ['GET', 'POST'] as const) {
    const again = await open(collector, link, method);
    expect([again.status, await again.text()]).toMatchObject([410, expect.stringContaining('đã được dùng')]);
  }
  const tokens = await collector.withStore((store) => store.selectFrom('ack_token').selectAll().execute());
  expect(tokens).toMatchObject([{ used_from: '127.0.0.1' }]);
  expect(JSON.stringify(tokens)).not.toContain(link.split('/').at(-1));
  const log = await (await collector.get('/api/v1/audit-log?action=notification.', cookie)).text();
  expect(log).toMatch(/notification\.ack.*notification\.test/s);
});

test('a link expires, a wrong one is unknown, and who tries many has to wait', async () => {
  const smtp = await TestSmtp.start();
  const { collector, cookie } = await start(smtp);
  await collector.post(
    '/api/v1/notifications/tests',
    { kind: 'email', address: 'a@example.com' },
    { cookie },
  );
  const [link = ''] = /https:\S+\/ack\/[\w-]+/.exec((await smtp.inbox.next()).text) ?? [];
  await until(async () => ((await newest(collector, cookie))?.state === 'sent' ? true : undefined), 'sent');
  await collector.withStore((store) => store.updateTable('ack_token').set({ expires_at: 1 }).execute());
  for (const method of ['GET', 'POST'] as const)
    expect((await open(collector, link, method)).status).toBe(410);
  expect(await newest(collector, cookie)).toMatchObject({ ackedAt: null });
  const wrong = await open(collector, `${PUBLIC}/ack/nothing`, 'GET');
  expect([wrong.status, await wrong.text()]).toMatchObject([
    404,
    expect.stringMatching(/no such link.*Không có/s),
  ]);
  for (let tries = 1; tries < 20; tries++) await open(collector, `${PUBLIC}/ack/x${tries}`, 'POST');
  expect((await open(collector, link, 'POST')).status).toBe(429);
});

test('a mailbox that does not exist brings the next contact', async () => {
  const smtp = await TestSmtp.start();
  const { collector, cookie } = await start(smtp);
  smtp.onRecipient = (address) => {
    if (address === 'gone@example.com') throw smtpError(550, 'no such mailbox');
  };
  const now = Date.now();
  const contact = (id: string) =>
    ({ id, kind: 'email', address: `${id}@example.com`, language: 'en' }) as const;
  await collector.withStore((store) =>
    queueNotification(
      store,
      {
        ...{ incident: 'INC-1', contact: contact('gone'), fallbacks: [contact('minh')], step: 0, loop: 0 },
        ...{ kind: 'page', severity: 'critical', deadlineAt: now + 60_000 },
        data: {
          ...{ number: 1, title: { en: 'Broker down', vi: 'Broker ngừng' }, site: null, since: now },
          ...{ timeZone: 'UTC', runbook: '' },
        },
      },
      now,
    ),
  );
  expect(await smtp.inbox.next()).toMatchObject({
    to: 'minh@example.com',
    subject: expect.stringMatching(/^\[CRITICAL\] #1 Broker down since .* \(UTC\)$/) as string,
  });
  const rows = async () => await (await collector.get('/api/v1/notifications', cookie)).text();
  await until(
    async () => (/"state":"sent".*"state":"failed"/s.test(await rows()) ? true : undefined),
    'both settled',
  );
  expect(await rows()).toMatch(/"status":550/);
});

test('what a mail server does is told apart: gone before the body, after it, for now, for good', async () => {
  const smtp = await TestSmtp.start();
  const send = (url: string, signal = AbortSignal.timeout(5000)) =>
    new EmailChannel({ url, from: 'headcount@example.com' }).send(MESSAGE, signal);
  const channel = new EmailChannel({ url: smtp.url, from: 'headcount@example.com' });
  expect(await channel.send({ ...MESSAGE, address: 'nobody' }, AbortSignal.timeout(5000))).toMatchObject({
    ...{ kind: 'perm', contactFault: true },
  });
  expect(await send('smtp://127.0.0.1:1')).toMatchObject({ kind: 'temp' });
  expect(await send(smtp.url.replace('secret', 'wrong'))).toMatchObject({
    ...{ kind: 'perm', status: 535, contactFault: false },
  });
  smtp.onBody = () => Promise.reject(smtpError(451, 'later'));
  expect(await send(smtp.url)).toMatchObject({ kind: 'temp', status: 451 });
  smtp.onBody = () => Promise.reject(smtpError(554, 'spam'));
  expect(await send(smtp.url)).toMatchObject({ kind: 'perm', status: 554 });
  let free: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (free = resolve));
  onTestFinished(() => free());
  const hurry = new AbortController();
  smtp.onBody = () => {
    hurry.abort();
    return held.then(() => Promise.reject(smtpError(451, 'nobody hears this')));
  };
  expect(await send(smtp.url, hurry.signal)).toEqual({ kind: 'unknown', error: 'no answer in time' });
  const early = new AbortController();
  smtp.onConnect = () => {
    early.abort();
    return held;
  };
  expect(await send(smtp.url, early.signal)).toEqual({ kind: 'temp', error: 'no answer in time' });
});

const MESSAGE: Message = {
  ...{ id: 'a', idemKey: 'b'.repeat(64), duplicate: false, kind: 'page', severity: 'high', language: 'en' },
  ...{ address: 'lan@example.com', incident: null, subject: 'x', lines: [], incidentUrl: undefined },
  ...{ runbookUrl: undefined, ackUrl: undefined, token: undefined, firstRef: undefined },
};
