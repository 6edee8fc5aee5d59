import ICAL from 'ical.js';
import { expect, test } from 'vitest';
import { newCode } from '../src/oncall/contacts.js';
import { contactSchema, contactsSchema } from '../src/schema/contacts.js';
import {
  calendarFeedsSchema,
  calendarSchema,
  gapsSchema,
  madeCalendarFeedSchema,
  onCallSchema,
  overrideSchema,
  teamsSchema,
} from '../src/schema/oncall.js';
import type { Role } from '../src/schema/role.js';
import { auditLogSchema } from '../src/schema/security.js';
import { addUser } from '../src/security/users.js';
import { startCollector, type TestCollector } from './_util/collector.js';

const PASSWORD = 'a horse that counts';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Lan and Minh take turns every week at level 1; both may read only, An is an operator. */
async function withTeam() {
  const collector = await startCollector();
  const admin = await collector.logIn();
  const people = { lan: 'viewer', minh: 'viewer', an: 'operator', stranger: 'viewer' } as const;
  const cookies: Record<string, string> = {};
  for (const [username, role] of Object.entries(people))
    cookies[username] = await person(collector, username, role);
  const as = (who: string) => caller(collector, who === 'admin' ? admin : (cookies[who] ?? ''));
  const put = as('admin');
  await put('PUT', 'teams/ops', 204, { title: 'Operations', members: ['lan', 'minh', 'an'] });
  const rotation = { kind: 'weeks', length: 1, start: '2026-01-05T09:00', members: ['lan', 'minh'] };
  await put('PUT', 'teams/ops/schedules/1', 204, { timeZone: 'Asia/Ho_Chi_Minh', rotations: [rotation] });
  return { collector, as };
}

async function person(collector: TestCollector, username: string, role: Role): Promise<string> {
  const user = { username, password: PASSWORD, role, mustChange: false };
  await collector.withStore((store) => addUser(store, user, Date.now()));
  return collector.logIn(username, PASSWORD);
}

/** Calls the API as somebody, and expects a status. */
function caller(collector: TestCollector, cookie: string) {
  return async (method: string, path: string, status: number, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${collector.httpUrl}/api/v1/${path}`, {
      method,
      headers: { cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect([method, path, response.status, response.status === status ? '' : text]).toEqual([
      method,
      path,
      status,
      '',
    ]);
    return text === '' ? undefined : JSON.parse(text);
  };
}

test('who is on call now and next is known by name, with the note of whoever goes', async () => {
  const { as } = await withTeam();
  await as('an')('POST', 'teams/ops/notes', 201, { level: 1, text: 'The lobby camera was cleaned.' });
  const { teams, at } = onCallSchema.parse(await as('lan')('GET', 'on-call', 200));
  const [level] = teams[0]?.levels ?? [];
  if (level === undefined) throw new Error('one level expected');
  expect(teams).toMatchObject([
    { name: 'ops', title: 'Operations', levels: [{ level: 1, reachable: false }] },
  ]);
  const people = [level.now.user, level.next?.user];
  expect([...people].sort()).toEqual(['lan', 'minh']);
  expect(level.now.to).toBe(level.next?.from);
  expect((level.next?.to ?? 0) - (level.next?.from ?? 0)).toBe(7 * DAY);
  expect(level.now.to).toBeGreaterThan(at);
  expect(level.note).toMatchObject({ author: 'an', text: 'The lobby camera was cleaned.' });
  const { days, levels, timeZone } = calendarSchema.parse(
    await as('lan')('GET', 'on-call/calendar?team=ops&days=28', 200),
  );
  expect([days.length, timeZone]).toEqual([28, 'Asia/Ho_Chi_Minh']);
  expect(new Set(levels[0]?.spans.map(({ user }) => user))).toEqual(new Set(['lan', 'minh']));
  const { gaps } = gapsSchema.parse(await as('lan')('GET', 'on-call/gaps', 200));
  expect(gaps.map(({ problem }) => problem)).toEqual(['unreachable', 'unreachable']);
});

test('what cannot be is refused with its field and how to mend it', async () => {
  const { as } = await withTeam();
  const admin = as('admin');
  const schedule = (change: object, rotation: object = {}) => ({
    timeZone: 'UTC',
    rotations: [{ kind: 'days', length: 1, start: '2026-03-01T09:00', members: ['lan'], ...rotation }],
    ...change,
  });
  for (const [path, body, problem] of [
    ['teams/new', { title: 'New', members: ['nobody'] }, /members: there is no user "nobody"/],
    ['teams/ops/schedules/1', schedule({ timeZone: 'Mars/Base' }), /timeZone: is no time zone/],
    ['teams/ops/schedules/1', schedule({}, { start: '2026-02-30T09:00' }), /start: is no day/],
    ['teams/ops/schedules/1', schedule({}, { kind: 'months', length: 13 }), /length: must be at most/],
    [
      'teams/ops/schedules/1',
      schedule({}, { members: ['stranger'] }),
      /members: "stranger" is not in the team/,
    ],
    ['teams/ops/schedules/5', schedule({}), /level/],
  ] as const)
    expect(await admin('PUT', path, 400, body)).toMatchObject({
      detail: expect.stringMatching(problem) as string,
    });
  await admin('PUT', 'teams/none/schedules/1', 404, schedule({}));
  await admin('GET', 'on-call/calendar?team=none', 404);
  // Nothing of what was refused has stayed.
  const { teams } = teamsSchema.parse(await admin('GET', 'teams', 200));
  expect(teams).toMatchObject([
    {
      name: 'ops',
      schedules: [{ level: 1, timeZone: 'Asia/Ho_Chi_Minh', rotations: [{ members: ['lan', 'minh'] }] }],
    },
  ]);
  await admin('DELETE', 'teams/ops/schedules/1', 204);
  await admin('DELETE', 'teams/ops', 204);
  await admin('DELETE', 'teams/ops', 404);
});

test('a member takes over a shift, an operator names anybody, others may not', async () => {
  const { as } = await withTeam();
  const from = Date.now() + DAY;
  const wanted = (user: string) => ({ team: 'ops', level: 1, from, to: from + DAY, user, reason: 'swap' });
  const own = overrideSchema.parse(await as('lan')('POST', 'overrides', 201, wanted('lan')));
  await as('lan')('POST', 'overrides', 403, wanted('minh'));
  await as('stranger')('POST', 'overrides', 403, wanted('stranger'));
  const other = overrideSchema.parse(await as('an')('POST', 'overrides', 201, wanted('stranger')));
  const shown = async () => {
    const answer = calendarSchema.parse(await as('lan')('GET', 'on-call/calendar?team=ops', 200));
    return answer.levels[0]?.spans.find((span) => span.from <= from && from < span.to)?.user;
  };
  expect(await shown()).toBe('stranger');
  await as('lan')('DELETE', `overrides/${other.id}`, 403);
  await as('stranger')('DELETE', `overrides/${other.id}`, 204);
  expect(await shown()).toBe('lan');
  await as('an')('DELETE', `overrides/${own.id}`, 204);
  await as('an')('DELETE', `overrides/${own.id}`, 404);
  const log = auditLogSchema.parse(await as('admin')('GET', 'audit-log?action=override', 200)).entries;
  expect(log.map(({ actor, action, object }) => `${actor} ${action} ${object}`)).toEqual([
    'an override.end ops/L1',
    'stranger override.end ops/L1',
    'an override.add ops/L1',
    'lan override.add ops/L1',
  ]);
});

test('a contact is paged only after its owner has proved it, and its address is in no log', async () => {
  const { collector, as } = await withTeam();
  const lan = as('lan');
  const wrong = { kind: 'sms', address: '0901234567', language: 'vi' };
  expect(await lan('POST', 'account/contacts', 400, wrong)).toMatchObject({
    detail: expect.stringContaining('address: must be a number with its country') as string,
  });
  const url = 'https://hooks.example.com/secret-part';
  await lan('POST', 'account/contacts', 201, { kind: 'webhook', address: url, language: 'en' });
  const wanted = { kind: 'email', address: 'lan@example.com', language: 'vi' };
  const { id, verifiedAt } = contactSchema.parse(await lan('POST', 'account/contacts', 201, wanted));
  expect(verifiedAt).toBeNull();
  expect(await lan('POST', `account/contacts/${id}/code`, 503)).toMatchObject({
    detail: 'not sent: no channel is set up for email',
  });
  // Nothing was sent, so nobody has to wait for it.
  const { code } = await collector.withStore((store) => newCode(store, { id, username: 'lan' }, Date.now()));
  const other = code === '000000' ? '000001' : '000000';
  await lan('POST', `account/contacts/${id}/verification`, 403, { code: other });
  await as('minh')('POST', `account/contacts/${id}/verification`, 404, { code });
  await as('minh')('DELETE', `account/contacts/${id}`, 404);
  expect(await lan('POST', `account/contacts/${id}/verification`, 200, { code })).toMatchObject({ id });
  await lan('POST', `account/contacts/${id}/verification`, 409, { code });
  await lan('PATCH', `account/contacts/${id}`, 200, { enabled: false, language: 'en' });
  const { contacts } = contactsSchema.parse(await lan('GET', 'account/contacts', 200));
  expect(contacts[1]).toMatchObject({ language: 'en', disabledReason: 'turned off by its owner' });
  await lan('DELETE', `account/contacts/${id}`, 204);
  const log = JSON.stringify(await as('admin')('GET', 'audit-log?limit=100', 200));
  expect(log).toContain('contact.verify');
  for (const place of [log, JSON.stringify(collector.logs.lines)]) expect(place).not.toContain('secret-part');
  expect(collector.logs.matching(/code was not sent/)).toMatchObject([{ kind: 'email' }]);
});

test('a calendar program reads who is on call from an address that can be taken back', async () => {
  const { collector, as } = await withTeam();
  const lan = as('lan');
  const made = madeCalendarFeedSchema.parse(
    await lan('POST', 'account/calendars', 201, { team: 'ops', level: 1 }),
  );
  const own = madeCalendarFeedSchema.parse(await lan('POST', 'account/calendars', 201, {}));
  await lan('POST', 'account/calendars', 404, { team: 'ops', level: 2 });
  await lan('POST', 'account/calendars', 400, { team: 'ops' });
  const read = async ({ path }: { path: string }) => {
    const response = await fetch(collector.httpUrl + path);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/calendar; charset=utf-8',
    ]);
    const text = await response.text();
    expect(Math.max(...text.split('\r\n').map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
    const calendar = new ICAL.Component(ICAL.parse(text) as unknown[]);
    return calendar.getAllSubcomponents('vevent').map((event) => new ICAL.Event(event));
  };
  const events = await read(made);
  expect(new Set(events.map(({ uid }) => uid)).size).toBe(events.length);
  const stretches = events.map(
    ({ startDate, endDate }) => [startDate.toUnixTime(), endDate.toUnixTime()] as const,
  );
  expect(stretches.slice(1).map(([start]) => start)).toEqual(stretches.slice(0, -1).map(([, end]) => end));
  expect(events.length).toBeGreaterThanOrEqual(13);
  expect(new Set(events.map(({ summary }) => summary))).toEqual(
    new Set(['On call: lan (Operations, L1)', 'On call: minh (Operations, L1)']),
  );
  expect(new Set((await read(own)).map(({ summary }) => summary))).toEqual(
    new Set(['On call: lan (Operations, L1)']),
  );
  const { calendars } = calendarFeedsSchema.parse(await lan('GET', 'account/calendars', 200));
  expect(calendars).toMatchObject([
    { id: made.id, team: 'ops', level: 1, usedAt: expect.any(Number) as number },
    { id: own.id, team: null },
  ]);
  const rows = await collector.withStore((store) => store.selectFrom('calendar_feed').selectAll().execute());
  expect(JSON.stringify([rows, collector.logs.lines])).not.toContain(made.path.split('/')[4]);
  await as('minh')('DELETE', `account/calendars/${made.id}`, 404);
  await lan('DELETE', `account/calendars/${made.id}`, 204);
  expect((await fetch(collector.httpUrl + made.path)).status).toBe(404);
  // Who is locked out is shown nothing any more.
  await as('admin')('PATCH', 'people/lan', 200, { disabled: true });
  expect((await fetch(collector.httpUrl + own.path)).status).toBe(404);
});
