import { expect, test } from 'vitest';
import { incidentListSchema } from '../src/schema/incidents.js';
import { startCollector } from './_util/collector.js';
import { answerByMail, byMail, onCallByMail } from './_util/on-call.js';
import { TestSmtp, type Mail } from './_util/smtp.js';
import { until } from './_util/until.js';

test('an alert opens an incident, pages who is on duty by mail, and the link of the mail acknowledges it', async () => {
  const smtp = await TestSmtp.start();
  const collector = await startCollector(byMail(smtp));
  const lan = await onCallByMail(collector, smtp, 'lan');
  const alerts = [
    {
      ...{ status: 'firing', startsAt: new Date().toISOString(), endsAt: '0001-01-01T00:00:00Z' },
      labels: { alertname: 'DiskAlmostFull', severity: 'critical', instance: 'db-1' },
      ...{ annotations: { summary: 'The disk of db-1 is almost full' }, fingerprint: 'ab12cd34' },
    },
  ];
  const admin = await collector.logIn();
  const report = { version: '4', status: 'firing', alerts };
  const taken = await collector.post('/api/v1/alertmanager', report, { cookie: admin });
  expect(taken.status).toBe(200);
  const page: Mail = await smtp.inbox.next();
  expect(page.subject).toContain('The disk of db-1 is almost full');
  const incident = async () =>
    incidentListSchema.parse(await (await collector.get('/api/v1/incidents', lan)).json()).incidents[0];
  expect(await incident()).toMatchObject({ status: 'triggered', severity: 'critical' });
  expect((await answerByMail(collector, page)).status).toBe(200);
  const held = await until(async () => {
    const found = await incident();
    return found?.status === 'acknowledged' ? found : undefined;
  }, 'the acknowledgement');
  expect(held).toMatchObject({ holder: 'lan' });
});
