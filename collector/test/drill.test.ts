import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isDrill } from '../src/schema/drill-words.js';
import { drillsSchema, type Drill } from '../src/schema/drills.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { answerByMail, byMail, onCallByMail } from './_util/on-call.js';
import { Program } from './_util/program.js';
import { TestSmtp } from './_util/smtp.js';
import { until } from './_util/until.js';

/** The command, at a collector that runs. */
function drill(collector: TestCollector, ...args: string[]): Program {
  const { dataDir } = collector.config;
  const file = join(dataDir, 'collector.yaml');
  writeFileSync(file, `dataDir: ${dataDir}\nmqtt: { port: ${new URL(collector.mqttUrl).port} }\n`);
  return new Program(['drill', ...args, '--config', file]);
}

/** Without half an hour of waiting for a full disk. */
async function hasten(collector: TestCollector): Promise<void> {
  const response = await fetch(`${collector.httpUrl}/api/v1/alert-rules/host-disk`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', cookie: await collector.logIn() },
    body: JSON.stringify({ forSeconds: 0, keepSeconds: 0 }),
  });
  expect(response.status).toBe(200);
}

async function drillsOf(collector: TestCollector): Promise<Drill[]> {
  const response = await collector.get('/api/v1/drills', await collector.logIn());
  return drillsSchema.parse(await response.json()).drills;
}

/** What is left of drills in the fleet. */
async function leftOvers(collector: TestCollector): Promise<string[]> {
  return collector.withStore(async (store) => {
    const sites = await store.selectFrom('site').select('name').execute();
    const gateways = await store.selectFrom('gateway').select('name').execute();
    return [...sites, ...gateways].map(({ name }) => name).filter((name) => name.startsWith('drill-'));
  });
}

test('a drill is followed from its fault to the acknowledgement by mail, and leaves its record only', async () => {
  const smtp = await TestSmtp.start();
  const collector = await startCollector(byMail(smtp));
  await onCallByMail(collector, smtp, 'lan');
  await hasten(collector);
  const program = drill(collector, 'disk-full');
  const page = await smtp.inbox.next(40_000);
  expect(page.subject).toMatch(/^DRILL: \[CRITICAL\] #1 drill-disk-full-\d{8}t\d{6}: /);
  expect((await answerByMail(collector, page)).status).toBe(200);
  expect((await smtp.inbox.next(40_000)).subject).toMatch(/^DRILL: \[CRITICAL\] Resolved: #1 /);
  const { code, stdout, stderr } = await program.outcome();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = [
    ...['fault injected', 'alert pending', 'alert firing', 'incident opened: INC-1, critical', 'page queued'],
    ...['page sent: email', 'acknowledged: lan, email', 'fault mended', 'alert resolved'],
  ];
  for (const line of lines) expect(stdout).toContain(` s  ${line}\n`);
  expect(stdout).toMatch(/^acknowledgement +\S+ s +target 15 min +kept$/m);

  const [record] = await drillsOf(collector);
  expect(record).toMatchObject({ scenario: 'disk-full', outcome: 'kept', incident: 'INC-1' });
  expect(record?.measures.map(({ name, kept }) => [name, kept])).toEqual([
    ['detection', true],
    ['paging', true],
    ['acknowledgement', true],
  ]);
  expect(isDrill(record?.site ?? '')).toBe(true);
  expect(await leftOvers(collector)).toEqual([]);
  const left = await collector.withStore(async (store) => ({
    incident: await store.selectFrom('incident').select(['title_en', 'title_vi', 'status']).execute(),
    review: await store.selectFrom('review').select(['status', 'waived_reason']).execute(),
    counts: await store.selectFrom('count_interval').select('gateway').execute(),
    log: await store.selectFrom('audit_log').select('action').where('action', 'like', 'drill.%').execute(),
  }));
  expect(left.incident).toMatchObject([{ status: 'closed' }]);
  expect(left.incident[0]?.title_en).toMatch(/^DRILL: /);
  expect(left.incident[0]?.title_vi).toMatch(/^DIỄN TẬP: /);
  expect(left.review).toEqual([{ status: 'waived', waived_reason: 'the drill has ended' }]);
  expect(left.counts).toEqual([]);
  expect(left.log).toEqual([{ action: 'drill.start' }, { action: 'drill.end' }]);
}, 120_000);

test('a drill that was killed is cleaned up by the next, and one that reaches nobody misses its targets', async () => {
  const collector = await startCollector();
  await hasten(collector);
  const killed = drill(collector, 'disk-full');
  await until(() => (killed.stdout.includes('fault injected') ? true : undefined), 'the fault', 30_000);
  killed.child.kill('SIGKILL');
  expect(await leftOvers(collector)).toHaveLength(2);

  expect(await drill(collector, 'disk-full').outcome()).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('another drill runs') as string,
  });
  const unknown = await drill(collector, 'flood').outcome();
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/There are: site-cut, gateway-cut, .*disk-full\./);

  // Ten seconds later.
  await collector.withStore((store) =>
    store
      .updateTable('drill')
      .set(({ eb }) => ({ beat_at: eb('beat_at', '-', 10_000) }))
      .execute(),
  );
  const { code, stdout, stderr } = await drill(collector, 'disk-full', '--json').outcome();
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    outcome: 'missed',
    incident: expect.stringMatching(/^INC-/) as string,
  });
  expect((await drillsOf(collector)).map(({ outcome }) => outcome)).toEqual(['missed', 'broken-off']);
  expect(await leftOvers(collector)).toEqual([]);
}, 120_000);
