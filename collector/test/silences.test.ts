import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addSilence, endSilence, listSilences, tickSilences } from '../src/alerts/silences.js';
import { suppressions } from '../src/alerts/suppressions.js';
import { tickEscalation } from '../src/escalation/escalation.js';
import { alertResolved, attachAlert } from '../src/incidents/from-alerts.js';
import { GROUP_WAIT_MS } from '../src/incidents/targets.js';
import { readTimeline } from '../src/incidents/timeline.js';
import { addWindow, approveWindow, endWindow } from '../src/maintenance/windows.js';
import { saveSchedule, saveTeam } from '../src/oncall/teams.js';
import { newWindowSchema } from '../src/schema/maintenance.js';
import { auditLogSchema } from '../src/schema/security.js';
import { newSilenceSchema } from '../src/schema/silences.js';
import { addUser } from '../src/security/users.js';
import { inTransaction } from '../src/store/store.js';
import { AlertWorld } from './_util/alert-world.js';
import { startCollector } from './_util/collector.js';
import { TestPostgres } from './_util/postgres.js';

const MINUTE_S = 60;
const HOUR_S = 3600;
const HOUR = HOUR_S * 1000;
const SECOND = 1000;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

/** A camera that can go dark, and somebody on duty who is paged of it. */
class PagedWorld {
  readonly world: AlertWorld;
  readonly pages: string[] = [];

  private constructor(world: AlertWorld) {
    this.world = world;
  }

  static async make(url?: string): Promise<PagedWorld> {
    const world = await AlertWorld.make(url);
    world.suppressions = suppressions;
    world.onFiring = async (trx, alert) => {
      await attachAlert(trx, alert, world.now, () => []);
    };
    world.onResolved = async (trx, { id }) => {
      await alertResolved(trx, id, world.now);
    };
    const { store, now } = world;
    await store
      .insertInto('user')
      .values({ username: 'an', password_hash: 'x', role: 'operator', created_at: 1 })
      .execute();
    await store
      .insertInto('user_contact')
      .values({
        ...{ id: 'c1', username: 'an', kind: 'email', address: 'an@example.com', language: 'vi' },
        ...{ verified: 1, verified_at: 1, created_at: 1 },
      })
      .execute();
    const rotation = {
      kind: 'days' as const,
      length: 1,
      start: '2026-03-01T09:00',
      members: ['an'],
      hours: null,
    };
    await inTransaction(store, async (trx) => {
      await saveTeam(trx, 'ops', { title: 'Operations', members: ['an'] }, now);
      const schedule = { timeZone: 'UTC', rotations: [rotation] };
      await saveSchedule(trx, { team: 'ops', level: 1 }, schedule, now);
    });
    return new PagedWorld(world);
  }

  get store() {
    return this.world.store;
  }

  /** One look at alerts, silences and timers, as the running collector takes it every 5 s. */
  async tick(seconds = 5): Promise<string[]> {
    this.pages.length = 0;
    await this.world.tickHeard(seconds);
    await tickSilences(this.store, this.world.now);
    await tickEscalation(this.store, this.world.now, (_trx, { person, incident }) => {
      this.pages.push(`${person.user}: ${incident.title_en}`);
      return Promise.resolve();
    });
    return [...this.pages];
  }

  /** The camera goes dark, and stays so for long enough to fire and to page. */
  async goDark(): Promise<string[]> {
    await this.world.setCamera('backoff');
    await this.tick(0);
    expect(await this.tick(2 * MINUTE_S)).toEqual([]);
    return this.tick(GROUP_WAIT_MS / 1000);
  }

  async silence(wanted: { rule?: string; path?: string; hours?: number }): Promise<string> {
    const { hours = 1, ...matcher } = wanted;
    const body = { ...matcher, until: this.world.now + hours * HOUR, reason: 'a test' };
    const by = { actor: 'an', role: 'operator' as const };
    return inTransaction(this.store, (trx) =>
      addSilence(trx, newSilenceSchema.parse(body), by, this.world.now),
    );
  }

  async window(hours: number, changes: object = {}): Promise<string> {
    const { now } = this.world;
    const times = { start: now, end: now + hours * HOUR, reason: 'new lens' };
    const wanted = newWindowSchema.parse({ scope: 'gateway', gateway: 'lobby', ...times, ...changes });
    return inTransaction(this.store, (trx) => addWindow(trx, wanted, 'lan', now));
  }

  async incidents() {
    return this.store.selectFrom('incident').select(['id', 'status']).execute();
  }

  async reasons(): Promise<string[]> {
    const [alert] = await this.world.alerts('camera-offline');
    return JSON.parse(alert?.suppressed_by ?? '[]') as string[];
  }
}

const PAGE = ['an: Camera offline'];

describe.each(['SQLite', 'PostgreSQL'] as const)('on %s', (kind) => {
  const make = async () => PagedWorld.make(kind === 'PostgreSQL' ? await postgres.database() : undefined);

  test('what is silenced fires and opens nothing, and pages within one tick when the silence ends by its time', async () => {
    const paged = await make();
    const id = await paged.silence({ rule: 'camera-offline', path: 'shop/lobby', hours: 1 });
    expect(await paged.goDark()).toEqual([]);
    expect(await paged.world.alerts('camera-offline')).toMatchObject([
      { state: 'firing', suppressed_by: JSON.stringify([`silence:${id}`]), announced_at: null },
    ]);
    expect(await listSilences(paged.store, true, paged.world.now)).toMatchObject([{ id, matches: 1 }]);
    expect(await paged.tick(57.5 * MINUTE_S - 1)).toEqual([]);
    expect(await paged.incidents()).toEqual([]);
    expect(await paged.tick(1)).toEqual(PAGE);
    expect(await paged.incidents()).toMatchObject([{ status: 'triggered' }]);
    expect(await paged.reasons()).toEqual([]);
    const events = await paged.store.selectFrom('alert_event').select('kind').orderBy('seq').execute();
    expect(events.map((event) => event.kind)).toEqual(['fired', 'suppressed', 'released']);
    expect(await listSilences(paged.store, false, paged.world.now)).toMatchObject([{ id, endReason: null }]);
  });

  test('a silence that is ended by hand pages within one tick; one of another place or rule holds nothing', async () => {
    const paged = await make();
    await paged.world.addGateway('attic');
    await paged.silence({ path: 'shop/attic' });
    await paged.silence({ rule: 'camera-frozen' });
    const id = await paged.silence({ path: 'shop' });
    expect(await paged.goDark()).toEqual([]);
    await inTransaction(paged.store, (trx) => endSilence(trx, id, 'binh', paged.world.now));
    expect(await paged.tick()).toEqual(PAGE);
    const again = inTransaction(paged.store, (trx) => endSilence(trx, id, 'binh', paged.world.now));
    await expect(again).rejects.toThrow(/over already/);
    expect(await listSilences(paged.store, false, paged.world.now)).toMatchObject([
      { id, endReason: 'manual', endedBy: 'binh' },
    ]);
  });

  test('a silence of what fires already holds the next pages of its incident, says so once, and lets them go at its end', async () => {
    const paged = await make();
    expect(await paged.goDark()).toEqual(PAGE);
    const id = await paged.silence({ path: 'shop/lobby/door' });
    for (let minutes = 0; minutes < 40; minutes += 10) expect(await paged.tick(10 * MINUTE_S)).toEqual([]);
    const [incident] = await paged.incidents();
    const kinds = (await readTimeline(paged.store, incident?.id ?? '')).map((entry) => entry.kind);
    expect(kinds.filter((one) => one === 'paging-held')).toHaveLength(1);
    await inTransaction(paged.store, (trx) => endSilence(trx, id, 'binh', paged.world.now));
    expect(await paged.tick()).toEqual(PAGE);
    // The ladder stood still: what comes next keeps its distance.
    const waiting = await paged.store
      .selectFrom('incident_timer')
      .select('due_at')
      .where('kind', '=', 'escalate')
      .where('fired_at', 'is', null)
      .where('cancelled_at', 'is', null)
      .execute();
    expect(waiting.map(({ due_at }) => Math.round((due_at - paged.world.now) / 60_000))).toEqual([10]);
    // Another alert of the same incident that nobody has silenced pages all the same.
    await paged.silence({ path: 'shop/lobby/door' });
    await paged.world.addCamera('lobby', 'yard');
    await paged.world.setCamera('backoff', 'yard');
    await paged.tick();
    expect(await paged.tick(10 * MINUTE_S)).toEqual([]);
    // Nobody is above: the ladder begins anew a quarter of an hour later.
    expect(await paged.tick(15 * MINUTE_S)).toEqual(PAGE);
  });

  test('a silence that nothing fits for a day ends by itself, and not while something does', async () => {
    const paged = await make();
    const id = await paged.silence({ rule: 'camera-offline', hours: 24 });
    const longer = { path: 'shop', until: paged.world.now + 6 * 24 * HOUR, reason: 'a test' };
    const admin = { actor: 'root', role: 'admin' as const };
    const long = await inTransaction(paged.store, (trx) =>
      addSilence(trx, newSilenceSchema.parse(longer), admin, paged.world.now),
    );
    await paged.tick();
    await paged.tick(20 * HOUR_S);
    await paged.goDark();
    expect(await listSilences(paged.store, true, paged.world.now)).toMatchObject([
      { id, unmatchedSince: null, matches: 1 },
      { id: long, unmatchedSince: null, matches: 1 },
    ]);
    await paged.world.setCamera('streaming');
    await paged.tick();
    await paged.tick(2 * MINUTE_S);
    const since = paged.world.now;
    await paged.tick(24 * HOUR_S - 1);
    expect(await listSilences(paged.store, true, paged.world.now)).toMatchObject([
      { id: long, unmatchedSince: since },
    ]);
    await paged.tick(1);
    expect(await listSilences(paged.store, true, paged.world.now)).toEqual([]);
    const ended = await listSilences(paged.store, false, paged.world.now);
    expect(ended.find((silence) => silence.id === long)).toMatchObject({
      endReason: 'unmatched',
      endedAt: paged.world.now,
    });
    expect(await paged.goDark()).toEqual(PAGE);
  });

  test('what is silenced resolves all the same', async () => {
    const paged = await make();
    await paged.silence({ rule: 'camera-offline', hours: 24 });
    await paged.goDark();
    await paged.world.setCamera('streaming');
    await paged.tick();
    await paged.tick(2 * MINUTE_S);
    expect(await paged.world.alerts('camera-offline')).toMatchObject([{ state: 'resolved' }]);
    expect(await paged.incidents()).toEqual([]);
  });

  test.each([
    ['by its time', false],
    ['by hand', true],
  ])(
    'what still fires when a window ends %s opens an incident and pages within one tick',
    async (_name, early) => {
      const paged = await make();
      const id = await paged.window(1);
      expect(await paged.goDark()).toEqual([]);
      expect(await paged.reasons()).toEqual(['maintenance']);
      expect(await paged.incidents()).toEqual([]);
      if (early) await inTransaction(paged.store, (trx) => endWindow(trx, id, paged.world.now));
      else expect(await paged.tick(57.5 * MINUTE_S - 1)).toEqual([]);
      expect(await paged.tick(early ? 5 : 1)).toEqual(PAGE);
    },
  );

  test('in a window that leaves incidents be one is opened at once, and pages within one tick of its end', async () => {
    const paged = await make();
    await paged.window(1, { effect: 'page' });
    expect(await paged.goDark()).toEqual([]);
    expect(await paged.reasons()).toEqual(['quiet:maintenance']);
    expect(await paged.incidents()).toMatchObject([{ status: 'triggered' }]);
    expect(await paged.tick(57.5 * MINUTE_S - 1)).toEqual([]);
    expect(await paged.tick(1)).toEqual(PAGE);
  });

  test('a long window has no effect before somebody else approves it', async () => {
    const paged = await make();
    const id = await paged.window(30);
    expect(await paged.goDark()).toEqual(PAGE);
    const approve = (by: string) =>
      inTransaction(paged.store, (trx) => approveWindow(trx, id, by, paged.world.now));
    await expect(approve('lan')).rejects.toThrow(/somebody else/);
    await approve('binh');
    await expect(approve('chi')).rejects.toThrow(/does not wait/);
    await paged.tick();
    expect(await paged.reasons()).toEqual(['maintenance']);
    expect(await paged.tick(20 * MINUTE_S)).toEqual([]);
    const own = paged.store.updateTable('maintenance_window').set({ approver: 'lan' }).where('id', '=', id);
    await expect(own.execute()).rejects.toThrow();
  });

  test('an emergency counts at once, and without an approval no longer than a day', async () => {
    const paged = await make();
    const id = await paged.window(48, { kind: 'emergency' });
    const other = await paged.window(48, { kind: 'emergency', scope: 'site', site: 'shop' });
    expect(await paged.goDark()).toEqual([]);
    await inTransaction(paged.store, (trx) => endWindow(trx, other, paged.world.now));
    expect(await paged.tick(24 * HOUR_S - 2.5 * MINUTE_S - 1)).toEqual([]);
    expect(await paged.tick(1)).toEqual(PAGE);
    const late = inTransaction(paged.store, (trx) => approveWindow(trx, id, 'binh', paged.world.now));
    await expect(late).rejects.toThrow(/over/);
  });

  test('the database holds what a silence may be', async () => {
    const { store, world } = await make();
    const row = {
      ...{ id: 's', rule: null, path: 'shop', until_at: world.now + HOUR, reason: 'r', author: 'an' },
      created_at: world.now,
    };
    for (const change of [
      { path: null },
      { until_at: world.now },
      { until_at: world.now + 7 * 24 * HOUR + 1 },
      { ended_at: world.now },
      { ended_at: world.now, end_reason: 'manual' as const },
      { ended_at: world.now, end_reason: 'unmatched' as const, ended_by: 'an' },
    ])
      await expect(
        store
          .insertInto('silence')
          .values({ ...row, ...change })
          .execute(),
      ).rejects.toThrow();
    await store.insertInto('silence').values(row).execute();
  });
});

test('silences by the API: who may choose which end, what is refused with a reason, and what the audit log says', async () => {
  const collector = await startCollector();
  await collector.addGateway('lobby', { site: 'shop' });
  const person = {
    username: 'lan',
    password: 'a horse that counts',
    role: 'operator',
    mustChange: false,
  } as const;
  await collector.withStore((store) => inTransaction(store, (trx) => addUser(trx, person, Date.now())));
  const admin = await collector.logIn();
  const lan = await collector.logIn('lan', person.password);
  const post = (body: object, cookie = lan) => collector.post('/api/v1/silences', body, { cookie });
  const now = Date.now();
  const right = { path: 'shop/lobby', until: now + HOUR, reason: 'the switch is replaced' };
  for (const [change, status, words] of [
    [{ until: now - SECOND }, 400, /until: has passed/],
    [{ until: now + 25 * HOUR }, 403, /until: more than 24 hours.*"admin"/],
    [{ until: now + 8 * 24 * HOUR }, 400, /until: at most 7 days/],
    [{ reason: ' ' }, 400, /reason/],
    [{ path: null }, 400, /name a rule, a path or both/],
    [{ rule: 'camera-sleepy' }, 404, /rule: there is no rule "camera-sleepy"/],
    [{ path: 'shop/attic' }, 404, /path: there is nothing at "shop\/attic"/],
    [{ path: 'mall/lobby' }, 404, /path: there is nothing/],
    [{ path: 'shop/lobby/door' }, 404, /path: there is nothing/],
  ] as const) {
    const response = await post({ ...right, ...change });
    const { detail } = (await response.json()) as { detail: string };
    expect([change, response.status, detail]).toEqual([change, status, expect.stringMatching(words)]);
  }
  expect((await post({ ...right, until: now + 6 * 24 * HOUR }, admin)).status).toBe(201);
  const made = await post({ ...right, rule: 'gateway-offline' });
  expect(made.status).toBe(201);
  const { id } = (await made.json()) as { id: string };
  expect((await collector.post(`/api/v1/silences/${id}/end`, {}, { cookie: lan })).status).toBe(204);
  expect((await collector.post(`/api/v1/silences/${id}/end`, {}, { cookie: lan })).status).toBe(409);
  const log = await collector.get('/api/v1/audit-log?action=silence', admin);
  const { entries } = auditLogSchema.parse(await log.json());
  expect(entries.map(({ actor, action, object }) => `${actor} ${action} ${object}`)).toEqual([
    `lan silence.end ${id}`,
    'lan silence.add gateway-offline at shop/lobby',
    'admin silence.add every rule at shop/lobby',
  ]);
});
