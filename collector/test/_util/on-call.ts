import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { saveSchedule, saveTeam } from '../../src/oncall/teams.js';
import { contactSchema } from '../../src/schema/contacts.js';
import { addUser } from '../../src/security/users.js';
import { inTransaction } from '../../src/store/store.js';
import type { TestCollector } from './collector.js';
import type { Mail, TestSmtp } from './smtp.js';

/** Where the links of messages point to. */
const PUBLIC = 'https://collector.example';
const PASSWORD = 'a horse that counts';

/** What a collector needs to send mail. */
export function byMail(smtp: TestSmtp) {
  return {
    notify: { publicUrl: PUBLIC, email: { from: 'Headcount <headcount@example.com>' } },
    notifySecrets: { smtpUrl: smtp.url },
  };
}

/** Put somebody on duty who is paged by mail; the address is proved with the code that comes there. @returns the cookie */
export async function onCallByMail(
  collector: TestCollector,
  smtp: TestSmtp,
  username: string,
): Promise<string> {
  const now = Date.now();
  const rotation = {
    ...{ kind: 'days' as const, length: 1, start: '2026-03-01T09:00', members: [username], hours: null },
  };
  const user = { username, password: PASSWORD, role: 'operator', mustChange: false } as const;
  await collector.withStore((store) => inTransaction(store, (trx) => addUser(trx, user, now)));
  const cookie = await collector.logIn(username, PASSWORD);
  const post = (path: string, body: object) =>
    collector.post(`/api/v1/account/contacts${path}`, body, { cookie });
  const wanted = { kind: 'email', address: `${username}@example.com`, language: 'en' };
  const { id } = contactSchema.parse(await (await post('', wanted)).json());
  expect((await post(`/${id}/code`, {})).status).toBe(204);
  const [code = ''] = /\b\d{6}\b/.exec((await smtp.inbox.next()).text) ?? [];
  expect(filesWith(collector, code)).toEqual([]);
  expect((await post(`/${id}/verification`, { code })).status).toBe(200);
  // Only now: a duty whose person cannot be reached would page.
  await collector.withStore((store) =>
    inTransaction(store, async (trx) => {
      await saveTeam(trx, 'ops', { title: 'Operations', members: [username] }, now);
      const schedule = { timeZone: 'Asia/Ho_Chi_Minh', rotations: [rotation] };
      await saveSchedule(trx, { team: 'ops', level: 1 }, schedule, now);
    }),
  );
  return cookie;
}

/**
 * Files of the database that hold a code: in a row, in a page that was freed, or in its log. Another process reads them: whoever
 * closes a file of SQLite in the process that has it open takes its locks away.
 */
function filesWith({ config: { dataDir } }: TestCollector, code: string): string[] {
  const files = readdirSync(dataDir).filter((name) => name.includes('.sqlite'));
  expect(files.length).toBeGreaterThan(1);
  const { status, stdout } = spawnSync(
    'grep',
    ['-laP', `(?<!\\d)${code}(?!\\d)`, ...files.map((name) => join(dataDir, name))],
    { encoding: 'utf8' },
  );
  // 1: no file has it; 2 would be an error.
  expect(status).toBeLessThan(2);
  return stdout.split('\n').filter(Boolean);
}

/** Press the button behind the link of a mail. */
export async function answerByMail(collector: TestCollector, { text }: Mail): Promise<Response> {
  const [link = ''] = /https:\/\/collector\.example\/ack\/[\w-]+/.exec(text) ?? [];
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return fetch(link.replace(PUBLIC, collector.httpUrl), { method: 'POST', headers, body: '' });
}
