import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { saveSchedule, saveTeam } from '../src/oncall/teams.js';
import { contactSchema } from '../src/schema/contacts.js';
import { incidentListSchema } from '../src/schema/incidents.js';
import { addUser } from '../src/security/users.js';
import { inTransaction } from '../src/store/store.js';
import { startCollector } from './_util/collector.js';
import { TestSmtp, type Mail } from './_util/smtp.js';
import { until } from './_util/until.js';

const PUBLIC = 'https://collector.example';
const PASSWORD = 'a horse that counts';

test('an alert opens an incident, pages who is on duty by mail, and the link of the mail acknowledges it', async () => {
  const smtp = await TestSmtp.start();
  const collector = await startCollector({
    notify: { publicUrl: PUBLIC, email: { from: 'Headcount <headcount@example.com>' } },
    notifySecrets: { smtpUrl: smtp.url },
  });
  const now = Date.now();
  const rotation = {
    kind: 'days' as const,
    length: 1,
    start: '2026-03-01T09:00',
    members: ['lan'],
    hours: null,
  };
  await collector.withStore((store) =>
    inTransaction(store, async (trx) => {
      await addUser(trx, { username: 'lan', password: PASSWORD, role: 'operator', mustChange: false }, now);
      await saveTeam(trx, 'ops', { title: 'Operations', members: ['lan'] }, now);
      const schedule = { timeZone: 'Asia/Ho_Chi_Minh', rotations: [rotation] };
      await saveSchedule(trx, { team: 'ops', level: 1 }, schedule, now);
    }),
  );
  const lan = await collector.logIn('lan', PASSWORD);
  const post = (path: string, body: object, cookie = lan) =>
    collector.post(`/api/v1/${path}`, body, { cookie });
  const wanted = { kind: 'email', address: 'lan@example.com', language: 'en' };
  const { id } = contactSchema.parse(await (await post('account/contacts', wanted)).json());
  // The address is proved with the code that comes by mail.
  expect((await post(`account/contacts/${id}/code`, {})).status).toBe(204);
  const [code = ''] = /\b\d{6}\b/.exec((await smtp.inbox.next()).text) ?? [];
  // The database has never held it: not in a row, not in a page that was freed, not in its log.
  const files = readdirSync(collector.config.dataDir).filter((name) => name.includes('.sqlite'));
  expect(files.length).toBeGreaterThan(1);
  const held = files.filter((name) =>
    new RegExp(`(?<!\\d)${code}(?!\\d)`).test(readFileSync(join(collector.config.dataDir, name), 'latin1')),
  );
  expect(held).toEqual([]);
  expect((await post(`account/contacts/${id}/verification`, { code })).status).toBe(200);

  const alerts = [
    {
      ...{ status: 'firing', startsAt: new Date(now).toISOString(), endsAt: '0001-01-01T00:00:00Z' },
      labels: { alertname: 'DiskAlmostFull', severity: 'critical', instance: 'db-1' },
      ...{ annotations: { summary: 'The disk of db-1 is almost full' }, fingerprint: 'ab12cd34' },
    },
  ];
  const admin = await collector.logIn();
  expect((await post('alertmanager', { version: '4', status: 'firing', alerts }, admin)).status).toBe(200);
  const page: Mail = await smtp.inbox.next();
  expect(page.subject).toContain('The disk of db-1 is almost full');
  const incident = async () =>
    incidentListSchema.parse(await (await collector.get('/api/v1/incidents', lan)).json()).incidents[0];
  expect(await incident()).toMatchObject({ status: 'triggered', severity: 'critical' });
  const [link = ''] = /https:\/\/collector\.example\/ack\/[\w-]+/.exec(page.text) ?? [];
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await fetch(link.replace(PUBLIC, collector.httpUrl), { method: 'POST', headers, body: '' });
  expect(answer.status).toBe(200);
  const taken = await until(async () => {
    const found = await incident();
    return found?.status === 'acknowledged' ? found : undefined;
  }, 'the acknowledgement');
  expect(taken).toMatchObject({ holder: 'lan' });
});
