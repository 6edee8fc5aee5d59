import Database from 'better-sqlite3';
import { Secret, TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { audit, verifyAuditLog } from '../src/audit-log/audit-log.js';
import { storePlace } from '../src/config/config.js';
import { ROLES, SCOPES, type Role, type Scope } from '../src/schema/role.js';
import {
  auditLogSchema,
  madeTokenSchema,
  oneTimePasswordSchema,
  recoveryCodesSchema,
  sessionSchema,
  totpOfferSchema,
} from '../src/schema/security.js';
import { addUser } from '../src/security/users.js';
import { startCollector, type TestCollector } from './_util/collector.js';

const PASSWORD = 'a horse that counts';

/** Who may use a route: the least role (auditors may read all), and the scope of a token. */
type Rule = readonly [role: 'everybody' | 'self' | Role, scope?: Scope];

/** Every route that people and programs may use. A route that is not here fails the test below. */
const TABLE: Readonly<Record<string, Rule>> = {
  'POST /api/v1/session': ['everybody'],
  'GET /api/v1/session': ['self'],
  'DELETE /api/v1/session': ['self'],
  'PUT /api/v1/account/password': ['self'],
  'GET /api/v1/account/sessions': ['self'],
  'DELETE /api/v1/account/sessions/{id}': ['self'],
  'POST /api/v1/account/totp': ['self'],
  'PUT /api/v1/account/totp': ['self'],
  'DELETE /api/v1/account/totp': ['self'],
  'GET /api/v1/account/contacts': ['self'],
  'POST /api/v1/account/contacts': ['self'],
  'PATCH /api/v1/account/contacts/{id}': ['self'],
  'DELETE /api/v1/account/contacts/{id}': ['self'],
  'POST /api/v1/account/contacts/{id}/code': ['self'],
  'POST /api/v1/account/contacts/{id}/verification': ['self'],
  'GET /api/v1/account/calendars': ['self'],
  'POST /api/v1/account/calendars': ['self'],
  'DELETE /api/v1/account/calendars/{id}': ['self'],
  'GET /api/v1/calendars/{token}/on-call.ics': ['everybody'],
  'GET /api/v1/drills': ['viewer', 'fleet:read'],
  'GET /api/v1/on-call': ['viewer', 'fleet:read'],
  'GET /api/v1/on-call/calendar': ['viewer', 'fleet:read'],
  'GET /api/v1/on-call/gaps': ['viewer', 'fleet:read'],
  'GET /api/v1/on-call/handover': ['viewer', 'fleet:read'],
  'GET /api/v1/escalation': ['viewer', 'fleet:read'],
  'GET /api/v1/teams': ['viewer', 'fleet:read'],
  'PUT /api/v1/teams/{team}': ['admin'],
  'DELETE /api/v1/teams/{team}': ['admin'],
  'POST /api/v1/teams/{team}/notes': ['operator'],
  'PUT /api/v1/teams/{team}/schedules/{level}': ['admin'],
  'DELETE /api/v1/teams/{team}/schedules/{level}': ['admin'],
  'POST /api/v1/teams/{team}/schedules/{level}/preview': ['admin'],
  'POST /api/v1/overrides': ['self'],
  'DELETE /api/v1/overrides/{id}': ['self'],
  'GET /api/v1/people': ['admin'],
  'POST /api/v1/people': ['admin'],
  'PATCH /api/v1/people/{username}': ['admin'],
  'DELETE /api/v1/people/{username}': ['admin'],
  'GET /api/v1/tokens': ['admin'],
  'POST /api/v1/tokens': ['admin'],
  'DELETE /api/v1/tokens/{id}': ['admin'],
  'GET /api/v1/webhooks': ['admin'],
  'POST /api/v1/webhooks': ['admin'],
  'DELETE /api/v1/webhooks/{id}': ['admin'],
  'GET /api/v1/notifications': ['operator'],
  'GET /api/v1/notifications/channels': ['operator'],
  'POST /api/v1/notifications/tests': ['admin'],
  'POST /api/v1/notifications/own-tests': ['self'],
  'GET /api/v1/alerts': ['viewer', 'fleet:read'],
  'GET /api/v1/alerts/{id}': ['viewer', 'fleet:read'],
  'POST /api/v1/alerts/{id}/resolve': ['operator'],
  'GET /api/v1/heartbeats': ['viewer', 'fleet:read'],
  'PUT /api/v1/heartbeats/{slug}': ['admin'],
  'DELETE /api/v1/heartbeats/{slug}': ['admin'],
  'POST /api/v1/heartbeats/{slug}/reports': ['operator', 'heartbeats:write'],
  'GET /api/v1/vulnerabilities': ['operator', 'audit:read'],
  'PUT /api/v1/vulnerabilities/{source}': ['admin', 'vulnerabilities:write'],
  'POST /api/v1/vulnerabilities/{id}/acceptance': ['admin'],
  'POST /api/v1/alertmanager': ['admin', 'alerts:write'],
  'GET /api/v1/alert-rules': ['viewer', 'fleet:read'],
  'PUT /api/v1/alert-rules/{slug}': ['admin'],
  'GET /api/v1/alert-rules/{slug}/dry-run': ['viewer', 'fleet:read'],
  'POST /api/v1/alert-rules/{slug}/dry-run': ['admin'],
  'GET /api/v1/alert-rules/{slug}/versions': ['viewer', 'fleet:read'],
  'GET /api/v1/audit-log': ['auditor', 'audit:read'],
  'GET /api/v1/errors': ['operator'],
  'GET /api/v1/errors/{fingerprint}': ['operator'],
  'POST /api/v1/errors/{fingerprint}/resolve': ['operator'],
  'POST /api/v1/errors/{fingerprint}/ignore': ['operator'],
  'POST /api/v1/errors/{fingerprint}/reopen': ['operator'],
  'GET /api/v1/accuracy': ['viewer', 'counts:read'],
  'GET /api/v1/accuracy/audits': ['viewer', 'counts:read'],
  'DELETE /api/v1/accuracy/audits/{id}': ['admin'],
  'GET /api/v1/accuracy/risks': ['viewer', 'counts:read'],
  'POST /api/v1/accuracy/imports': ['operator'],
  'POST /api/v1/accuracy/tallies': ['operator'],
  'GET /api/v1/availability': ['viewer', 'counts:read'],
  'GET /api/v1/maintenance': ['viewer', 'fleet:read'],
  'POST /api/v1/maintenance': ['operator'],
  'POST /api/v1/maintenance/{id}/end': ['operator'],
  'DELETE /api/v1/maintenance/{id}': ['operator'],
  'POST /api/v1/maintenance/{id}/approve': ['operator'],
  'GET /api/v1/maintenance-series': ['viewer', 'fleet:read'],
  'POST /api/v1/maintenance-series': ['operator'],
  'PUT /api/v1/maintenance-series/{id}': ['operator'],
  'DELETE /api/v1/maintenance-series/{id}': ['operator'],
  'GET /api/v1/silences': ['viewer', 'fleet:read'],
  'POST /api/v1/silences': ['operator'],
  'POST /api/v1/silences/{id}/end': ['operator'],
  'GET /api/v1/cameras': ['viewer', 'fleet:read'],
  'GET /api/v1/counts': ['viewer', 'counts:read'],
  'GET /api/v1/ledger': ['viewer', 'counts:read'],
  'GET /api/v1/gateways': ['viewer', 'fleet:read'],
  'GET /api/v1/gateways/{name}': ['viewer', 'fleet:read'],
  'GET /api/v1/gateways/{name}/connection': ['viewer', 'fleet:read'],
  'POST /api/v1/gateways/{name}/enrolment-codes': ['admin'],
  'POST /api/v1/gateways/{name}/password': ['admin'],
  'POST /api/v1/gateways/{name}/revoke': ['admin'],
  'GET /api/v1/gateways/{name}/desired': ['viewer', 'fleet:read'],
  'PUT /api/v1/gateways/{name}/desired': ['admin', 'fleet:write'],
  'GET /api/v1/gateways/{name}/desired/versions': ['viewer', 'fleet:read'],
  'GET /api/v1/gateways/{name}/desired/versions/{version}': ['viewer', 'fleet:read'],
  'POST /api/v1/gateways/{name}/desired/restore': ['admin', 'fleet:write'],
  'GET /api/v1/camera-presets': ['viewer', 'fleet:read'],
  'PUT /api/v1/camera-presets/{name}': ['admin', 'fleet:write'],
  'DELETE /api/v1/camera-presets/{name}': ['admin', 'fleet:write'],
  'GET /api/v1/rollouts': ['viewer', 'fleet:read'],
  'POST /api/v1/rollouts': ['admin', 'fleet:write'],
  'POST /api/v1/rollouts/{id}/cancel': ['admin', 'fleet:write'],
  'POST /api/v1/rollouts/{id}/rollback': ['admin', 'fleet:write'],
  'GET /api/v1/gateways/{name}/reported': ['viewer', 'fleet:read'],
  'POST /api/v1/gateways/{name}/commands': ['operator'],
  'GET /api/v1/handbook': ['viewer', 'fleet:read'],
  'GET /api/v1/handbook/{slug}': ['viewer', 'fleet:read'],
  'GET /api/v1/incidents': ['viewer', 'fleet:read'],
  'GET /api/v1/incidents/report': ['viewer', 'fleet:read'],
  'GET /api/v1/incidents/lessons': ['viewer', 'fleet:read'],
  'GET /api/v1/incidents/{id}': ['viewer', 'fleet:read'],
  'GET /api/v1/incidents/{id}/review': ['viewer', 'fleet:read'],
  'GET /api/v1/incidents/{id}/review.md': ['viewer', 'fleet:read'],
  'GET /api/v1/incidents/{id}/review.pdf': ['viewer', 'fleet:read'],
  'GET /api/v1/reports/on-call': ['viewer', 'fleet:read'],
  'GET /api/v1/reports/on-call/proposals': ['viewer', 'fleet:read'],
  'GET /api/v1/reports/on-call.csv': ['viewer', 'fleet:read'],
  'GET /api/v1/reports/on-call.md': ['viewer', 'fleet:read'],
  'GET /api/v1/reports/on-call.pdf': ['viewer', 'fleet:read'],
  'POST /api/v1/incidents': ['operator'],
  'POST /api/v1/incidents/{id}/acknowledge': ['operator'],
  'POST /api/v1/incidents/{id}/note': ['operator'],
  'POST /api/v1/incidents/{id}/mitigate': ['operator'],
  'POST /api/v1/incidents/{id}/regress': ['operator'],
  'POST /api/v1/incidents/{id}/resolve': ['operator'],
  'POST /api/v1/incidents/{id}/reopen': ['operator'],
  'POST /api/v1/incidents/{id}/severity': ['operator'],
  'POST /api/v1/incidents/{id}/merge': ['operator'],
  'POST /api/v1/incidents/{id}/unmerge': ['operator'],
  'PUT /api/v1/incidents/{id}/steps/{position}': ['operator'],
  'POST /api/v1/incidents/{id}/review': ['operator'],
  'PUT /api/v1/incidents/{id}/review': ['operator'],
  'POST /api/v1/incidents/{id}/review/{move}': ['operator'],
  'POST /api/v1/incidents/{id}/review/actions': ['operator'],
  'POST /api/v1/incidents/{id}/review/actions/{item}/{step}': ['operator'],
  'POST /api/v1/incidents/{id}/review/waive': ['admin'],
  'GET /api/v1/live': ['viewer'],
  'GET /api/v1/sites': ['viewer', 'fleet:read'],
  'PATCH /api/v1/sites/{site}': ['admin', 'fleet:write'],
  'GET /api/v1/sites/{site}/occupancy': ['viewer', 'counts:read'],
  'GET /api/v1/slo': ['viewer', 'counts:read'],
  'GET /api/v1/zones': ['viewer', 'fleet:read'],
};
/** Those that the document does not show. */
const HIDDEN: Readonly<Record<string, Rule>> = {
  'GET /api/v1/openapi.json': ['viewer'],
  'GET /api/docs': ['viewer'],
  'GET /api/docs/json': ['viewer'],
  'GET /readyz': ['viewer', 'metrics:read'],
  'GET /metrics': ['viewer', 'metrics:read'],
  'GET /ack/{token}': ['everybody'],
  'POST /ack/{token}': ['everybody'],
  'GET /livez': ['everybody'],
  'GET /healthz': ['everybody'],
};
const RANK = { viewer: 1, operator: 2, admin: 3 } as const;

function allowed([rule]: Rule, role: Role, method: string): boolean {
  if (rule === 'everybody' || rule === 'self') return true;
  if (rule === 'auditor') return role === 'auditor' || role === 'admin';
  if (role === 'auditor') return method === 'GET';
  return RANK[role] >= RANK[rule];
}

async function addPerson(collector: TestCollector, username: string, role: Role): Promise<string> {
  const user = { username, password: PASSWORD, role, mustChange: false };
  await collector.withStore((store) => addUser(store, user, Date.now()));
  return collector.logIn(username, PASSWORD);
}

function send(
  collector: TestCollector,
  name: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Response> {
  const [method = '', path = ''] = name.split(' ');
  return fetch(collector.httpUrl + path, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: 'manual',
  });
}

/** The path of the document with something in its holes; what stands there does not exist. */
const filled = (path: string) =>
  path
    .replace('{id}', '0'.repeat(16))
    .replace('{username}', 'nobody')
    .replace(/\{\w+\}/g, 'nothing');

/** Whether the door was open, whatever lay behind it. */
async function passes(
  collector: TestCollector,
  name: string,
  headers: Record<string, string>,
): Promise<boolean> {
  const [method = '', path = ''] = name.split(' ');
  const response = await send(collector, `${method} ${filled(path)}`, headers);
  await response.body?.cancel();
  return response.status !== 401 && response.status !== 403;
}

test('every route is in the table, and opens to those whom the table names, and to nobody else', async () => {
  const collector = await startCollector();
  const admin = await collector.logIn();
  const document = (await (await collector.get('/api/v1/openapi.json', admin)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const found = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(found.sort()).toEqual(Object.keys(TABLE).sort());
  const rules = Object.entries({ ...TABLE, ...HIDDEN });
  for (const [name, rule] of rules)
    expect([name, await passes(collector, name, {})]).toEqual([name, rule[0] === 'everybody']);
  for (const role of ROLES) {
    const cookie = await addPerson(collector, `the-${role}`, role);
    // The last one ends the session of the walk.
    const walk = rules.filter(([name]) => name !== 'DELETE /api/v1/session');
    for (const [name, rule] of walk) {
      const open = allowed(rule, role, name.split(' ')[0] ?? '');
      expect([role, name, await passes(collector, name, { cookie })]).toEqual([role, name, open]);
    }
  }
  for (const scope of SCOPES) {
    const made = await send(
      collector,
      'POST /api/v1/tokens',
      { cookie: admin },
      { name: scope, scopes: [scope] },
    );
    const { token } = madeTokenSchema.parse(await made.json());
    for (const [name, [role, needed]] of rules) {
      const open = role === 'everybody' || needed === scope;
      const headers = { authorization: `Bearer ${token}` };
      expect([scope, name, await passes(collector, name, headers)]).toEqual([scope, name, open]);
    }
  }
  // What was refused is known.
  const log = await logOf(collector, admin, 'action=access&limit=1000');
  expect(log.filter(({ result }) => result === 'refused').length).toBeGreaterThan(20);
  expect(await collector.withStore((store) => verifyAuditLog(store))).toMatchObject({ broken: undefined });
});

async function logOf(collector: TestCollector, cookie: string, query = '') {
  const response = await collector.get(`/api/v1/audit-log?${query}`, cookie);
  expect(response.status).toBe(200);
  return auditLogSchema.parse(await response.json()).entries;
}

test('a token is good until it is revoked or expires, is stored as a hash, and says when it was used', async () => {
  const collector = await startCollector();
  const admin = await collector.logIn();
  const body = { name: 'till', scopes: ['counts:read'], days: 1 };
  const answer = await send(collector, 'POST /api/v1/tokens', { cookie: admin }, body);
  expect(answer.status).toBe(201);
  const { id, token } = madeTokenSchema.parse(await answer.json());
  const use = async () => {
    const response = await send(collector, 'GET /api/v1/availability', {
      authorization: `Bearer ${token}`,
    });
    return response.status;
  };
  expect(await use()).toBe(200);
  const rows = await collector.withStore((store) => store.selectFrom('api_token').selectAll().execute());
  expect(rows).toMatchObject([{ id, name: 'till', used_at: expect.any(Number) as number }]);
  expect(JSON.stringify(rows)).not.toContain(token);
  await collector.withStore((store) =>
    store
      .updateTable('api_token')
      .set({ created_at: 1, expires_at: Date.now() - 1 })
      .execute(),
  );
  expect(await use()).toBe(401);
  await collector.withStore((store) =>
    store
      .updateTable('api_token')
      .set({ expires_at: Date.now() + 1e6 })
      .execute(),
  );
  expect(await use()).toBe(200);
  expect((await send(collector, `DELETE /api/v1/tokens/${id}`, { cookie: admin })).status).toBe(204);
  expect(await use()).toBe(401);
  expect((await send(collector, `DELETE /api/v1/tokens/${id}`, { cookie: admin })).status).toBe(404);
  const actions = (await logOf(collector, admin, 'action=token.')).map(
    ({ action, object }) => `${action} ${object}`,
  );
  expect(actions).toContain('token.make till');
  expect(actions).toContain(`token.revoke ${id}`);
});

test('the second factor: set up, asked for, each code once, recovery codes once, taken away', async () => {
  const collector = await startCollector();
  const cookie = await addPerson(collector, 'lan', 'operator');
  const account = (method: string, body: unknown) =>
    send(collector, `${method} /api/v1/account/totp`, { cookie }, body);
  expect((await account('POST', { password: 'wrong' })).status).toBe(403);
  const offer = totpOfferSchema.parse(await (await account('POST', { password: PASSWORD })).json());
  expect(offer.svg).toMatch(/^<svg/);
  const totp = new TOTP({ secret: Secret.fromBase32(offer.secret) });
  const logIn = (code?: string) =>
    collector.post('/api/v1/session', { username: 'lan', password: PASSWORD, ...(code && { code }) });
  // Not in force before it is confirmed.
  expect((await logIn()).status).toBe(200);
  expect((await account('PUT', { code: '000000' })).status).toBe(403);
  const first = totp.generate({ timestamp: Date.now() - 30_000 });
  const confirmed = await account('PUT', { code: first });
  expect(confirmed.status).toBe(200);
  const { recoveryCodes } = recoveryCodesSchema.parse(await confirmed.json());
  expect(new Set(recoveryCodes).size).toBe(10);
  const missing = await logIn();
  expect([missing.status, await missing.json()]).toMatchObject([401, { type: 'totp-required' }]);
  expect((await logIn(first)).status).toBe(401);
  const code = totp.generate();
  expect((await logIn(code)).status).toBe(200);
  expect((await logIn(code)).status).toBe(401);
  const [spare = ''] = recoveryCodes;
  expect((await logIn(spare)).status).toBe(200);
  expect((await logIn(spare)).status).toBe(401);
  const [user] = await collector.withStore((store) =>
    store.selectFrom('user').selectAll().where('username', '=', 'lan').execute(),
  );
  expect(JSON.stringify(user)).not.toContain(offer.secret);
  expect((await account('DELETE', { password: PASSWORD })).status).toBe(204);
  expect((await logIn()).status).toBe(200);
});

test('a person whom somebody else added chooses a password first, and a weak one is refused with its reason', async () => {
  const collector = await startCollector();
  const admin = await collector.logIn();
  const added = await send(
    collector,
    'POST /api/v1/people',
    { cookie: admin },
    { username: 'minh', role: 'viewer' },
  );
  const { password } = oneTimePasswordSchema.parse(await added.json());
  const cookie = await collector.logIn('minh', password ?? '');
  const blocked = await collector.get('/api/v1/counts?from=0&to=1', cookie);
  expect([blocked.status, await blocked.text()]).toMatchObject([
    403,
    expect.stringContaining('choose a password'),
  ]);
  const change = (next: string) =>
    send(collector, 'PUT /api/v1/account/password', { cookie }, { current: password, next });
  for (const [next, reason] of [
    ['short', /shorter than 12/],
    ['password12345', /everybody tries/],
    ['xx-minh-xx-minh', /user name/],
    [password ?? '', /old one/],
  ] as const)
    expect([(await change(next)).status, await (await change(next)).text()]).toMatchObject([
      400,
      expect.stringMatching(reason),
    ]);
  const changed = await change(PASSWORD);
  expect(sessionSchema.parse(await changed.json())).toMatchObject({
    username: 'minh',
    mustChangePassword: false,
  });
  // The session from before has ended, the new one works.
  expect((await collector.get('/api/v1/cameras', cookie)).status).toBe(401);
  const renewed = changed.headers.get('set-cookie')?.split(';')[0] ?? '';
  expect((await collector.get('/api/v1/cameras', renewed)).status).toBe(200);
});

test('a change of role or a lock ends the sessions, and the last administrator stays', async () => {
  const collector = await startCollector();
  const admin = await collector.logIn();
  const cookie = await addPerson(collector, 'hoa', 'operator');
  const change = (name: string, body: unknown) =>
    send(collector, `PATCH /api/v1/people/${name}`, { cookie: admin }, body);
  expect((await collector.get('/api/v1/cameras', cookie)).status).toBe(200);
  expect((await change('hoa', { role: 'viewer' })).status).toBe(200);
  expect((await collector.get('/api/v1/cameras', cookie)).status).toBe(401);
  expect((await change('hoa', { disabled: true })).status).toBe(200);
  const locked = await collector.post('/api/v1/session', { username: 'hoa', password: PASSWORD });
  expect(locked.status).toBe(401);
  for (const body of [{ role: 'viewer' }, { disabled: true }]) {
    const refused = await change('admin', body);
    expect([refused.status, await refused.text()]).toMatchObject([
      409,
      expect.stringContaining('last administrator'),
    ]);
  }
  expect((await send(collector, 'DELETE /api/v1/people/admin', { cookie: admin })).status).toBe(409);
  expect((await collector.get('/api/v1/people', admin)).status).toBe(200);
  expect((await change('nobody', { role: 'viewer' })).status).toBe(404);
});

test('a session ends when nobody uses it, and can be ended from another one', async () => {
  const collector = await startCollector();
  const first = await collector.logIn();
  const second = await collector.logIn();
  const { sessions } = (await (await collector.get('/api/v1/account/sessions', first)).json()) as {
    sessions: { id: string; current: boolean }[];
  };
  expect(sessions.map(({ current }) => current).sort()).toEqual([false, true]);
  const other = sessions.find(({ current }) => !current)?.id ?? '';
  expect((await send(collector, `DELETE /api/v1/account/sessions/${other}`, { cookie: first })).status).toBe(
    204,
  );
  expect((await collector.get('/api/v1/cameras', second)).status).toBe(401);
  const longAgo = Date.now() - 2 * 3_600_000 - 1000;
  await collector.withStore((store) => store.updateTable('session').set({ seen_at: longAgo }).execute());
  expect((await collector.get('/api/v1/cameras', first)).status).toBe(401);
});

test.each([
  ['changed', `UPDATE audit_log SET actor = 'somebody else' WHERE seq = 5`, 5, /was changed/],
  ['taken out', 'DELETE FROM audit_log WHERE seq IN (5, 6)', 7, /2 entries in front of it are gone/],
  ['cut off', 'DELETE FROM audit_log WHERE seq > 8', 9, /entries at the end are gone/],
  [
    'put in another order',
    `UPDATE audit_log SET seq = CASE seq WHEN 5 THEN -1 ELSE seq END;
     UPDATE audit_log SET seq = 5 WHERE seq = 6; UPDATE audit_log SET seq = 6 WHERE seq = -1`,
    5,
    /does not follow/,
  ],
])('an audit log with an entry that was %s is found out', async (_what, attack, seq, problem) => {
  const collector = await startCollector();
  await collector.withStore((store) => {
    const entry = { actor: 'a', address: 'local', action: 'test', result: 'done' } as const;
    // All at once: they must make one chain.
    return Promise.all(
      Array.from({ length: 10 }, (_, index) => audit(store, { ...entry, object: `${index}` }, 1)),
    );
  });
  expect(await collector.withStore((store) => verifyAuditLog(store))).toMatchObject({
    entries: 10,
    broken: undefined,
  });
  const file = new Database(storePlace(collector.config));
  expect(() => file.exec(attack)).toThrow(/append-only/);
  file.exec('DROP TRIGGER audit_log_no_update; DROP TRIGGER audit_log_no_delete;');
  file.exec(attack);
  file.close();
  const { broken } = await collector.withStore((store) => verifyAuditLog(store));
  expect(broken).toMatchObject({ seq, problem: expect.stringMatching(problem) as string });
});

test('a page of another site is refused by what the browser says of it, too', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  for (const site of ['cross-site', 'same-site']) {
    const headers = { cookie, 'sec-fetch-site': site };
    expect((await send(collector, 'DELETE /api/v1/session', headers)).status).toBe(403);
  }
  const own = { cookie, 'sec-fetch-site': 'same-origin' };
  expect((await send(collector, 'DELETE /api/v1/session', own)).status).toBe(204);
});
