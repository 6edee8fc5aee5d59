import { expect, test } from 'vitest';
import { stuckChannels } from '../src/alerts/sources/pages.js';
import type { PageRequest } from '../src/escalation/escalation.js';
import { pagePerson } from '../src/escalation/pages.js';
import { gaps } from '../src/oncall/gaps.js';
import type { Contact } from '../src/oncall/targets.js';
import type { IncidentRow } from '../src/store/tables-incidents.js';
import { loseTrack, planDuty, queuePage } from './_util/alert-drivers-care.js';
import { AlertWorld } from './_util/alert-world.js';

const MINUTE = 60_000;
const contact = (kind: Contact['kind'], id: string = kind): Contact => ({
  id,
  kind,
  address: id,
  language: 'en',
});
const person = { username: 'lan', contacts: [contact('email'), contact('sms'), contact('slack')] };
const incident = {
  id: 'i1',
  number: 1,
  severity: 'critical',
  title_en: 'a',
  title_vi: 'b',
  asset_path: null,
};

async function paged(world: AlertWorld, step: number) {
  const place = { ...incident, since_at: world.now, time_zone: 'UTC', runbook: 'pager-stuck' };
  const request = { incident: place as IncidentRow, person, step, loop: 0 };
  await pagePerson(world.store, request as unknown as PageRequest, world.now);
  const rows = await world.store
    .selectFrom('notification')
    .select(['channel', 'fallbacks'])
    .where('incident', '=', 'i1')
    .where('step', '=', step)
    .orderBy('channel')
    .execute();
  return rows.map(({ channel, fallbacks }) => [
    channel,
    (JSON.parse(fallbacks) as Contact[]).map(({ id }) => id),
  ]);
}

test('what is told while a channel is stuck goes by the others first', async () => {
  const world = await AlertWorld.make();
  const stuck = async () => [...(await stuckChannels(world.store, world.now))];
  expect(await paged(world, 0)).toEqual([
    ['email', ['slack']],
    ['sms', ['slack']],
  ]);
  await world.store.deleteFrom('notification').execute();
  await queuePage(world, world.now - MINUTE);
  expect(await stuck()).toEqual([]);
  world.now += 1;
  expect(await stuck()).toEqual(['email']);
  expect(await paged(world, 1)).toEqual([
    ['slack', ['email']],
    ['sms', ['email']],
  ]);
});

test('a page of which nobody knows whether it came counts until somebody has answered, and for a day', async () => {
  const world = await AlertWorld.make();
  const stuck = async () => (await stuckChannels(world.store, world.now)).size;
  const id = await queuePage(world, world.now, { contact: contact('sms') });
  await loseTrack(world, id, world.now);
  world.now += 5 * MINUTE;
  expect(await stuck()).toBe(0);
  world.now += 1;
  expect(await stuck()).toBe(1);
  await world.store.updateTable('notification').set({ acked_at: 1, acked_by: 'lan' }).execute();
  expect(await stuck()).toBe(0);
  await world.store.updateTable('notification').set({ acked_at: null, acked_by: null }).execute();
  world.now += 24 * 60 * MINUTE;
  expect(await stuck()).toBe(0);
});

test.each([
  ['a contact that failed', 'user_contact', { last_fail_at: 2, last_ok_at: 1 }],
  ['somebody on duty who is locked out', 'user', { disabled_at: 1 }],
] as const)('%s is a gap in the duty that begins now', async (_name, table, change) => {
  const world = await AlertWorld.make();
  await planDuty(world, 400);
  await world.tick();
  expect(await world.alerts('oncall-gap', 'fortnight')).toEqual([]);
  await world.store.updateTable(table).set(change).execute();
  expect(await gaps(world.store, { from: world.now, to: world.now + 1 })).toHaveLength(1);
  await world.tick();
  expect(await world.alerts('oncall-gap', 'day')).toMatchObject([
    { state: 'firing', severity: 'high', asset_path: '@collector/on-call/ops/1', value: 0 },
  ]);
});
