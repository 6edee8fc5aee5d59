import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  handOff,
  planDuties,
  type Duty,
  type OverridePlan,
  type RotationPlan,
  type SchedulePlan,
} from './plan.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Ho_Chi_Minh', 'Australia/Lord_Howe'] as const;
const FROM = Date.parse('2026-01-01T00:00Z');
/** How often in ten years clocks are put forward over a time; on Lord Howe Island they go from 02:00 to 02:30. */
const SKIPPED: Record<string, Record<string, number>> = {
  '02:30': { 'Europe/Berlin': 10, 'America/New_York': 10 },
  '02:00': { 'Europe/Berlin': 10, 'America/New_York': 10, 'Australia/Lord_Howe': 10 },
};
const TEN_YEARS = { from: FROM, to: Date.parse('2036-01-01T00:00Z') };

const rotation = (change: Partial<RotationPlan> = {}): RotationPlan => ({
  ...{ kind: 'weeks', length: 1, start: '2025-11-03T09:00', members: ['an', 'binh', 'chi'], hours: null },
  ...change,
});
const plan = (change: Partial<SchedulePlan> = {}): SchedulePlan => ({
  ...{ timeZone: 'Europe/Berlin', rotations: [rotation()], overrides: [] },
  ...change,
});

/** The wall clock as a calendar shows it, by another way than the code under test. */
function wall(timeZone: string, at: number): string {
  return new Date(at).toLocaleString('sv-SE', { timeZone }).slice(0, 16).replace(' ', 'T');
}

function withoutHoleOrOverlap(duties: readonly Duty[], range: { from: number; to: number }): void {
  expect([duties[0]?.from, duties.at(-1)?.to]).toEqual([range.from, range.to]);
  for (const [index, { from, to, user }] of duties.entries()) {
    if (to <= from) throw new Error(`a stretch of ${to - from} ms`);
    const next = duties[index + 1];
    if (next === undefined) continue;
    if (next.from !== to) throw new Error(`${wall('UTC', to)} is followed by ${wall('UTC', next.from)}`);
    if (next.user === user && next.override === duties[index]?.override)
      throw new Error('neighbours are alike');
  }
}

describe.each(ZONES)('ten years of hand-offs in %s', (timeZone) => {
  it.each([
    ['hours', 12, '2025-11-03T08:00'],
    ['days', 1, '2025-11-03T09:00'],
    ['days', 1, '2025-11-03T02:30'],
    ['weeks', 1, '2025-11-02T02:00'],
    ['months', 1, '2025-10-31T09:00'],
  ] as const)('every %s (%i) from %s', (kind, length, start) => {
    const rotations = [rotation({ kind, length, start })];
    const duties = planDuties(plan({ timeZone, rotations }), TEN_YEARS);
    withoutHoleOrOverlap(duties, TEN_YEARS);
    const members = rotation().members;
    const first = members.indexOf(duties[0]?.user ?? '');
    expect(first).toBeGreaterThanOrEqual(0);
    for (const [index, { user }] of duties.entries())
      if (user !== members[(first + index) % 3]) throw new Error(`it is not the turn of ${String(user)}`);
    const count = { hours: 7305, days: 3653, weeks: 523, months: 121 }[kind];
    expect(duties.length).toBe(count);
    // Every hand-off at the time that people know, except where the clock skips it: then when it is put forward.
    const times = kind === 'hours' ? ['08:00', '20:00'] : [start.slice(11)];
    const odd = duties.slice(1).filter(({ from }) => !times.includes(wall(timeZone, from).slice(11)));
    for (const { from } of odd) expect(wall(timeZone, from - 60_000).slice(11)).toBe('01:59');
    expect(odd.length).toBe(SKIPPED[start.slice(11)]?.[timeZone] ?? 0);
    if (kind === 'months') for (const { from } of duties.slice(1)) expectLastDay(wall(timeZone, from));
  });
});

function expectLastDay(text: string): void {
  const [year = 0, month = 0, day] = text.slice(0, 10).split('-').map(Number);
  expect(day).toBe(new Date(Date.UTC(year, month, 0)).getUTCDate());
}

describe('a hand-off', () => {
  it.each([
    ['keeps its time when clocks are put forward', 'Europe/Berlin', '2026-03-28T09:00', '2026-03-29T07:00Z'],
    [
      'that is skipped is when the clock is put forward',
      'Europe/Berlin',
      '2026-03-28T02:30',
      '2026-03-29T01:00Z',
    ],
    ['that comes twice is the first one', 'Europe/Berlin', '2026-10-24T02:30', '2026-10-25T00:30Z'],
    ['that comes twice is the first one', 'America/New_York', '2026-10-31T01:30', '2026-11-01T05:30Z'],
    ['where clocks change by half an hour', 'Australia/Lord_Howe', '2026-10-03T02:15', '2026-10-03T15:30Z'],
  ])('%s (%s)', (_what, zone, start, expected) => {
    const at = handOff(rotation({ kind: 'days', start }), zone, 1);
    expect(new Date(at).toISOString()).toBe(new Date(expected).toISOString());
  });

  it('of every month on the 31st is the last day of shorter ones, and the 31st again after them', () => {
    const monthly = rotation({ kind: 'months', start: '2027-12-31T09:00' });
    const days = [1, 2, 3, 4].map((turn) => wall('Europe/Berlin', handOff(monthly, 'Europe/Berlin', turn)));
    expect(days).toEqual(['2028-01-31T09:00', '2028-02-29T09:00', '2028-03-31T09:00', '2028-04-30T09:00']);
  });

  it('of every hour leaves out whoever has the skipped hour, and gives two hours where one comes twice', () => {
    const hourly = rotation({ kind: 'hours', start: '2026-03-29T00:00' });
    const spring = { from: Date.parse('2026-03-28T23:00Z'), to: Date.parse('2026-03-29T03:00Z') };
    const hours = planDuties(plan({ rotations: [hourly] }), spring).map(({ from, to, user }) => [
      user,
      (to - from) / HOUR,
    ]);
    // 00:00, 01:00, then 03:00 (Binh has it; 02:00 was Chi's), 04:00.
    expect(hours).toEqual([
      ['an', 1],
      ['binh', 1],
      ['an', 1],
      ['binh', 1],
    ]);
    const autumn = { from: Date.parse('2026-10-24T22:00Z'), to: Date.parse('2026-10-25T03:00Z') };
    const lengths = planDuties(plan({ rotations: [hourly] }), autumn).map(
      ({ from, to }) => (to - from) / HOUR,
    );
    expect(lengths).toEqual([1, 1, 2, 1]);
  });
});

describe('nobody is on duty', () => {
  const week = { from: Date.parse('2026-03-02T00:00Z'), to: Date.parse('2026-03-09T00:00Z') };

  it('without a rotation, without members, and before the first hand-off', () => {
    const nobody = [{ ...week, user: null, override: null }];
    expect(planDuties(plan({ rotations: [] }), week)).toEqual(nobody);
    expect(planDuties(plan({ rotations: [rotation({ members: [] })] }), week)).toEqual(nobody);
    expect(planDuties(plan({ rotations: [rotation({ start: '2026-03-04T09:00' })] }), week)).toMatchObject([
      { user: null, to: Date.parse('2026-03-04T08:00Z') },
      { user: 'an', from: Date.parse('2026-03-04T08:00Z') },
    ]);
  });

  it('outside the hours of the week, unless a later rotation covers them', () => {
    const day = rotation({ members: ['an'], hours: { mon: '08:00-20:00', tue: '20:00-06:00' } });
    const users = (rotations: RotationPlan[]) =>
      planDuties(plan({ rotations }), week).map(
        ({ from, user }) => `${wall('Europe/Berlin', from).slice(8)} ${String(user)}`,
      );
    expect(users([day])).toEqual([
      '02T01:00 null',
      '02T08:00 an',
      '02T20:00 null',
      '03T20:00 an',
      '04T06:00 null',
    ]);
    expect(users([day, rotation({ members: ['binh'] })])).toEqual([
      '02T01:00 binh',
      '02T08:00 an',
      '02T20:00 binh',
      '03T20:00 an',
      '04T06:00 binh',
    ]);
  });
});

describe('an override', () => {
  const range = { from: FROM, to: FROM + 30 * DAY };
  const override = (change: Partial<OverridePlan>): OverridePlan => ({
    ...{ id: 'o', from: FROM + DAY, to: FROM + 3 * DAY, user: 'dung', replaces: null },
    ...change,
  });

  it('counts before rotations and fills gaps; the one that was made last counts before others', () => {
    const overrides = [
      override({}),
      override({ id: 'p', from: FROM + 2 * DAY, to: FROM + 4 * DAY, user: 'giang' }),
    ];
    expect(planDuties(plan({ rotations: [], overrides }), range)).toEqual([
      { from: FROM, to: FROM + DAY, user: null, override: null },
      { from: FROM + DAY, to: FROM + 2 * DAY, user: 'dung', override: 'o' },
      { from: FROM + 2 * DAY, to: FROM + 4 * DAY, user: 'giang', override: 'p' },
      { from: FROM + 4 * DAY, to: range.to, user: null, override: null },
    ]);
  });

  it('of one person changes nothing where somebody else is on duty', () => {
    const daily = [rotation({ kind: 'days', start: '2026-01-01T01:00', members: ['an', 'binh'] })];
    const overrides = [override({ from: FROM, to: FROM + 4 * DAY, replaces: 'binh' })];
    const users = planDuties(plan({ rotations: daily, overrides }), { from: FROM, to: FROM + 5 * DAY });
    expect(users.map(({ user }) => user)).toEqual(['an', 'dung', 'an', 'dung', 'an']);
  });
});

const anyZone = fc.constantFrom(...ZONES);
const anyUser = fc.constantFrom('an', 'binh', 'chi', 'dung');
const anyTime = fc.integer({ min: 0, max: 60 * 24 * 4 }).map((quarters) => FROM + quarters * 900_000);
const anyRotation = fc.record({
  kind: fc.constantFrom('hours', 'days', 'weeks', 'months'),
  length: fc.integer({ min: 1, max: 12 }),
  start: fc
    .integer({ min: -400, max: 40 })
    .map((days) => new Date(FROM + days * DAY + 2.5 * HOUR).toISOString().slice(0, 16)),
  members: fc.array(anyUser, { maxLength: 4 }),
  hours: fc.option(fc.constant({ mon: '08:00-12:00,13:00-18:00', sat: '20:00-04:00', sun: '01:30-02:30' })),
});
const anyOverride = fc
  .record({
    id: fc.uuid(),
    from: anyTime,
    length: fc.integer({ min: 1, max: 200 }),
    user: anyUser,
    replaces: fc.option(anyUser),
  })
  .map(({ length, ...rest }) => ({ ...rest, to: rest.from + length * 900_000 }));

it('whatever rotations and overrides there are, every moment belongs to one stretch, and the newest override has its way', () => {
  const schedule = fc.record({
    timeZone: anyZone,
    rotations: fc.array(anyRotation, { maxLength: 3 }),
    overrides: fc.array(anyOverride, { maxLength: 5 }),
  });
  const moments = fc.array(anyTime, { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(schedule, moments, (made, times) => {
      const range = { from: FROM, to: FROM + 61 * DAY };
      const duties = planDuties(made, range);
      withoutHoleOrOverlap(duties, range);
      const regular = planDuties({ ...made, overrides: [] }, range);
      for (const at of times) {
        const on = (all: readonly Duty[]) => all.find(({ from, to }) => from <= at && at < to);
        const usual = on(regular)?.user ?? null;
        const applied = made.overrides.filter(
          ({ from, to, replaces }) => from <= at && at < to && (replaces === null || replaces === usual),
        );
        expect(on(duties)?.user).toBe(applied.at(-1)?.user ?? usual);
        // The same where it is asked about from another moment on.
        const later = planDuties(made, { from: at, to: range.to })[0];
        expect(later).toMatchObject({ from: at, user: on(duties)?.user ?? null });
      }
    }),
    { numRuns: 60 },
  );
});
