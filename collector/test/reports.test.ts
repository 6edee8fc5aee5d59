import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toMarkdown } from '../src/documents/markdown.js';
import { toCsv } from '../src/reports/csv.js';
import { nightAt } from '../src/reports/nights.js';
import { outcomesOf } from '../src/reports/outcomes.js';
import { pagesOf } from '../src/reports/pages.js';
import { reportDocument } from '../src/reports/paper.js';
import { proposalsFor } from '../src/reports/proposals.js';
import { oncallReport } from '../src/reports/report.js';
import { dayName, spanOf } from '../src/reports/span.js';
import { TestPostgres } from './_util/postgres.js';
import { march, ReportWorld } from './_util/report-world.js';

const MINUTE = 60_000;
const MARCH = spanOf({ from: '2026-03-01', to: '2026-03-31', zone: 'Europe/Berlin' }, 'UTC');
const NOW = Date.parse('2026-04-02T00:00Z');
const at = (time: string) => Date.parse(`2026-03-${time}Z`);

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

const open = async (kind: 'SQLite' | 'PostgreSQL') =>
  ReportWorld.make(kind === 'SQLite' ? undefined : await postgres.database());

test('a night is nine hours of the wall clock, eight when clocks go forward and ten when they go back', () => {
  const night = (zone: string, time: string) => {
    const day = nightAt(zone, Date.parse(time));
    return day === undefined ? 'day' : dayName(day);
  };
  const hours = (zone: string, from: string) =>
    Array.from({ length: 24 * 4 }, (_, quarter) =>
      nightAt(zone, Date.parse(from) + quarter * 15 * MINUTE),
    ).filter((day) => day !== undefined).length / 4;
  expect(night('Europe/Berlin', '2026-03-28T20:59Z')).toBe('day');
  expect(night('Europe/Berlin', '2026-03-28T21:00Z')).toBe('2026-03-28');
  expect(night('Europe/Berlin', '2026-03-29T04:59:59Z')).toBe('2026-03-28');
  expect(night('Europe/Berlin', '2026-03-29T05:00Z')).toBe('day');
  expect(night('Asia/Ho_Chi_Minh', '2026-03-28T15:00Z')).toBe('2026-03-28');
  expect([hours('Europe/Berlin', '2026-03-28T12:00Z'), hours('Europe/Berlin', '2026-10-24T12:00Z')]).toEqual([
    8, 10,
  ]);
  // Half an hour on Lord Howe.
  expect(hours('Australia/Lord_Howe', '2026-04-04T02:00Z')).toBe(9.5);
  expect(hours('Asia/Ho_Chi_Minh', '2026-03-28T05:00Z')).toBe(9);
});

test('a span is whole days of its zone, in order and not too many', () => {
  expect([MARCH.from, MARCH.to]).toEqual([Date.parse('2026-02-28T23:00Z'), Date.parse('2026-03-31T22:00Z')]);
  expect(spanOf({ from: '2026-03-01', to: '2026-03-01' }, 'Asia/Ho_Chi_Minh').zone).toBe('Asia/Ho_Chi_Minh');
  expect(() => spanOf({ from: '2026-03-02', to: '2026-03-01' }, 'UTC')).toThrow(/to: 2026-03-01 is before/);
  expect(() => spanOf({ from: '2025-01-01', to: '2026-03-01' }, 'UTC')).toThrow(/to: that is 425 days/);
});

describe.each(['SQLite', 'PostgreSQL'] as const)('reports on %s', (kind) => {
  test('who was paged when, what became of it, and which rules were noise: every figure by hand', async () => {
    const world = await open(kind);
    await march(world);
    const report = await oncallReport(world.store, MARCH, NOW);
    expect(report).toMatchObject({ pages: 8, nightPages: 5, mostPagesPerNight: 2, zone: 'Europe/Berlin' });
    expect(report.people).toEqual([
      {
        ...{ person: 'lan', pages: 6, incidents: 5, nightPages: 4, nights: 2, loudNights: 1 },
        channels: { email: 5, sms: 3 },
      },
      {
        ...{ person: 'minh', pages: 2, incidents: 2, nightPages: 1, nights: 1, loudNights: 0 },
        channels: { email: 2 },
      },
    ]);
    expect(report.nights).toEqual([
      {
        ...{ person: 'lan', night: '2026-03-28', zone: 'Europe/Berlin', pages: 3, incidents: 2, loud: true },
        channels: { email: 2, sms: 2 },
      },
      {
        ...{ person: 'lan', night: '2026-03-31', zone: 'Europe/Berlin', pages: 1, incidents: 1, loud: false },
        channels: { email: 1 },
      },
      {
        ...{ person: 'minh', night: '2026-03-28', zone: 'Asia/Ho_Chi_Minh', pages: 1, incidents: 1 },
        ...{ loud: false, channels: { email: 1 } },
      },
    ]);
    expect(report.incidents).toEqual({ acted: 2, seen: 1, untouched: 1, open: 1, actionableShare: 2 / 4 });
    expect(report.pagesBy).toEqual({ acted: 3, seen: 2, untouched: 2, open: 1, actionableShare: 3 / 7 });
    const line = { title: expect.any(Object) as object };
    expect(report.rules).toEqual([
      {
        ...{ ...line, rule: 'camera-offline', alerts: 3, incidents: 2, pages: 4, untouched: 1 },
        ...{ untouchedShare: 0.5, flaps: 2, medianMs: 20 * MINUTE },
      },
      {
        ...{ ...line, rule: 'gateway-offline', alerts: 2, incidents: 2, pages: 3, untouched: 0 },
        ...{ untouchedShare: 0, flaps: 0, medianMs: 35 * MINUTE },
      },
      {
        ...{ ...line, rule: 'camera-frozen', alerts: 1, incidents: 1, pages: 1, untouched: 0 },
        ...{ untouchedShare: null, flaps: 0, medianMs: null },
      },
    ]);
    // INC-1, 3 and 4 were taken in 1, 1 and 4 minutes; INC-2 was over in time, and INC-5 waits for longer than an hour.
    expect(report.severities[1]).toMatchObject({
      ...{ severity: 'high', incidents: 5, inTime: 3, late: 1, mttaMs: 2 * MINUTE },
    });
  });

  test('pages of a removed contact, of a merged incident and of a span without any', async () => {
    const world = await open(kind);
    const parent = await world.incident('gateway-offline', at('10T10:00'), MINUTE);
    await world.page(parent, 'minh-mail', at('10T10:00'));
    const child = await world.incident('camera-offline', at('10T10:01'), MINUTE);
    await world.page(child, 'minh-mail', at('10T10:01'));
    await world.merge(child, parent, at('10T10:02'));
    await world.store.deleteFrom('user_contact').where('id', '=', 'minh-mail').execute();
    const report = await oncallReport(world.store, MARCH, NOW);
    expect(report.people).toEqual([
      {
        ...{ person: null, pages: 2, incidents: 1, nightPages: 0, nights: 0, loudNights: 0 },
        channels: { email: 2 },
      },
    ]);
    expect(report.pagesBy.open).toBe(2);
    const empty = await oncallReport(world.store, { ...MARCH, from: MARCH.from - 1000, to: MARCH.from }, NOW);
    expect(empty).toMatchObject({ pages: 0, people: [], nights: [], rules: [] });
    expect(empty.incidents.actionableShare).toBeNull();
    expect(toCsv(empty, 'nights')).toBe(
      'night,person,zone,pages,incidents,loud,email,slack,discord,sms,voice,webhook\r\n',
    );
    expect(toMarkdown(reportDocument(empty, [], 'vi'))).toContain('Không ai bị gọi vào ban đêm.');
  });

  test('a longer time before a rule fires is proposed when it saves pages and misses nothing acted on', async () => {
    const world = await open(kind);
    /** The camera is away for so long; the rule of 2 min fires, and two people are paged. */
    const away = async (time: string, seconds: number, acted: boolean) => {
      const from = at(time);
      await world.outage(from, seconds * 1000);
      const fires = from + 2 * MINUTE;
      const id = await world.incident('camera-offline', fires, seconds * 1000, 2 * MINUTE);
      await world.page(id, 'lan-mail', fires);
      await world.page(id, 'minh-mail', fires, { step: 1 });
      if (acted) {
        await world.acknowledge(id, fires);
        await world.tick(id, fires);
      }
    };
    await away('02T10:00', 150, false);
    await away('03T10:00', 150, false);
    await away('04T10:00', 250, false);
    await away('05T10:00', 1200, true);
    const ask = async () =>
      proposalsFor(world.store, MARCH, {
        ...{ calls: await pagesOf(world.store, MARCH), outcomes: await outcomesOf(world.store, MARCH) },
      });
    const [proposal] = await ask();
    // 3 min saves the two short ones, 5 min also the third; 30 min would have missed the one that mattered.
    expect(proposal).toMatchObject({
      ...{ rule: 'camera-offline', forSeconds: 120, pages: 8, incidents: 4, acted: 1, why: 'longer' },
      better: { forSeconds: 300, pages: 2, incidents: 1 },
    });
    const report = await oncallReport(world.store, MARCH, NOW);
    const text = toMarkdown(reportDocument(report, await ask(), 'en'));
    expect(text).toContain(
      'for 5 min instead of 2 min would have sent 2 pages instead of 8 (incidents: 1 instead of 4), and none of the 1 acted on would have been missed',
    );
    expect(text).toContain('# On-call report 2026-03-01 – 2026-03-31');
    // One of the short ones mattered, too: nothing longer is better now.
    await away('06T10:00', 130, true);
    expect((await ask())[0]).toMatchObject({ better: null, why: 'nothing-better', acted: 2 });
    const frozen = await world.incident('camera-frozen', at('07T10:00'), MINUTE);
    await world.page(frozen, 'lan-mail', at('07T10:00'));
    expect((await ask())[1]).toMatchObject({ rule: 'camera-frozen', better: null, why: 'no-history' });
  });

  test('a month is as cheap with 100,000 older notifications as without', async () => {
    const world = await open(kind);
    await march(world);
    const quickest = async () => {
      let best = Infinity;
      for (let run = 0; run < 5; run += 1) {
        const begun = performance.now();
        await oncallReport(world.store, MARCH, NOW);
        best = Math.min(best, performance.now() - begun);
      }
      return best;
    };
    const without = await quickest();
    await sql`WITH RECURSIVE many(n) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM many WHERE n < 100000)
      INSERT INTO notification SELECT 'x' || n, 'x' || n, NULL, kind, severity, urgency, step, loop, thread, contact, channel, address,
        language, fallbacks, payload, state, attempts, next_at, deadline_at, holder, begun_at, duplicate, unwanted, superseded_by,
        provider_ref, provider_seq, error, n * 300000, sent_at, delivered_at, acked_at, acked_by
        FROM many, (SELECT * FROM notification WHERE state = 'sent' LIMIT 1) AS one`.execute(world.store);
    await sql`ANALYZE`.execute(world.store);
    // A scan of all of them takes dozens of times as long.
    expect((await quickest()) / (without + 1)).toBeLessThan(5);
    if (kind === 'PostgreSQL') return;
    const { rows } = await sql<{
      detail: string;
    }>`EXPLAIN QUERY PLAN SELECT * FROM notification WHERE kind = 'page'
      AND created_at >= ${MARCH.from} AND created_at < ${MARCH.to}`.execute(world.store);
    expect(rows.map(({ detail }) => detail).join()).toContain(
      'notification_kind (kind=? AND created_at>? AND created_at<?)',
    );
  });
});
