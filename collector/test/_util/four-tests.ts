import { describe, expect, test } from 'vitest';
import type { AlertRule, Condition } from '../../src/alerts/rule.js';
import { DEFAULT_RULES } from '../../src/alerts/rules.js';
import { DRIVERS } from './alert-drivers.js';
import { RULE_GROUPS, type RuleGroup } from './alert-rule-groups.js';
import { AlertWorld } from './alert-world.js';

/** Longer than every quiet time and every window but the week of `accuracy-due` and the day of what was lost (s). */
const LONG_S = 25 * 3600;

/** Values at which an inclusive condition is not yet true; of a strict one the threshold itself is. */
const BEFORE: Readonly<Record<string, number>> = {
  'site-uplink-down': 70,
  'gateway-flapping': 3,
  'count-silence': 19,
  'cert-or-cred-expiring expired': 0.02,
  'auth-attack account': 9,
  'auth-attack address': 49,
};

interface Case {
  /** Slug and condition. */
  readonly name: string;
  readonly rule: AlertRule;
  readonly condition: Condition;
}

function edgeOf({ name, condition: { op, threshold } }: Case): number {
  if (op === '>' || op === '<') return threshold;
  return BEFORE[name] ?? threshold - 1;
}

function beyond({ op, threshold }: Condition): number {
  if (op === '>=') return threshold;
  if (op === '<=') return threshold - 1;
  return op === '>' ? Math.ceil(threshold * 1.5) + 1 : threshold / 2;
}

/** A world whose signal can be set, and what its alerts say. */
async function prepared({ rule, condition }: Case) {
  const world = await AlertWorld.make();
  const driver = DRIVERS[condition.signal as keyof typeof DRIVERS];
  const look = async (value: number, seconds: number) => {
    world.now += seconds * 1000;
    await world.hear();
    await driver.set(world, value);
    await world.tick();
    expect(world.errors).toEqual([]);
  };
  const lost = async (seconds: number) => {
    world.now += seconds * 1000;
    await world.hear();
    if (typeof driver.lose === 'string')
      await world.without(driver.lose, async () => {
        await world.tick();
      });
    else {
      await driver.lose(world);
      await world.tick();
    }
  };
  const alerts = () => world.alerts(rule.slug, condition.name);
  const states = async () => (await alerts()).map(({ state }) => state);
  const fire = async () => {
    await look(beyond(condition), LONG_S);
    if (condition.forS > 0) await look(beyond(condition), condition.forS);
    expect(await states()).toEqual(['firing']);
  };
  return { world, look, lost, alerts, states, fire };
}

async function fires(one: Case): Promise<void> {
  const { condition } = one;
  const { look, states, alerts } = await prepared(one);
  await look(beyond(condition), LONG_S);
  if (condition.forS > 0) {
    expect(await states()).toEqual(['pending']);
    await look(beyond(condition), condition.forS - 1);
    expect(await states()).toEqual(['pending']);
    await look(beyond(condition), 1);
  }
  expect(await states()).toEqual(['firing']);
  const { severity, threshold } = condition;
  expect((await alerts())[0]).toMatchObject({ severity, threshold, rule_version: 0 });
}

async function staysOnTheEdge(one: Case): Promise<void> {
  const { look, states } = await prepared(one);
  for (const seconds of [LONG_S, Math.max(LONG_S, one.condition.forS)]) await look(edgeOf(one), seconds);
  expect(await states()).toEqual([]);
}

async function bearsMissingData(one: Case): Promise<void> {
  const { lost, look, fire, states, alerts, world } = await prepared(one);
  const known = () => {
    world.startedAt = 0;
    world.forgetOwn();
    world.errors.length = 0;
  };
  await lost(LONG_S);
  await lost(LONG_S);
  expect(await states()).toEqual([]);
  known();
  await fire();
  await lost(LONG_S);
  const lostAt = world.now;
  await lost(LONG_S);
  expect((await alerts())[0]).toMatchObject({ state: 'firing', no_data_since: lostAt });
  known();
  await look(beyond(one.condition), 1);
  expect((await alerts())[0]).toMatchObject({ state: 'firing', no_data_since: null });
}

async function resolves(one: Case): Promise<void> {
  const { rule, condition } = one;
  const { look, fire, states, alerts, world } = await prepared(one);
  await fire();
  await look(condition.clear ?? 0, LONG_S);
  if (condition.clear === null) {
    await look(0, LONG_S);
    expect(await states()).toEqual(['firing']);
    return;
  }
  expect(await states()).toEqual(['clearing']);
  await look(condition.clear, Math.max(1, rule.keepS));
  const [alert] = await alerts();
  expect(alert).toMatchObject({ state: 'resolved', resolve_reason: 'auto' });
  expect(world.resolved.map(({ id }) => id)).toContain(alert?.id);
}

/** What every rule is tested for, condition by condition. */
const FOUR: Readonly<Record<string, (one: Case) => Promise<void>>> = {
  'fires when the condition has been true for as long as the rule says, and not before': fires,
  'does not fire on the edge': staysOnTheEdge,
  'neither fires nor resolves while nothing is known, and says since when': bearsMissingData,
  'resolves by itself as written: after its time, or never where only a person may': resolves,
};

/** The four tests of every rule of a group, and one that names what a rule lacks. */
export function testRules(group: RuleGroup): void {
  const slugs: readonly string[] = RULE_GROUPS[group];
  const cases = DEFAULT_RULES.filter(({ slug }) => slugs.includes(slug)).flatMap((rule) =>
    rule.conditions.map((condition) => ({ name: `${rule.slug} ${condition.name}`.trim(), rule, condition })),
  );
  const passed = new Set<string>();

  describe.each(cases)('$name', (one) => {
    test.each(Object.entries(FOUR))('%s', async (title, check) => {
      await check(one);
      passed.add(`${one.name}: ${title}`);
    });
  });

  test(`every rule of the group ${group} has passed its four tests`, () => {
    const wanted = slugs.flatMap((slug) => {
      const own = cases.filter(({ rule }) => rule.slug === slug);
      // A rule without a condition has no test.
      const names = own.length === 0 ? [slug] : own.map(({ name }) => name);
      return names.flatMap((name) => Object.keys(FOUR).map((title) => `${name}: ${title}`));
    });
    expect(wanted.filter((name) => !passed.has(name))).toEqual([]);
  });
}
