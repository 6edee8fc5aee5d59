/** Who is on call and when rules fire, set up by an administrator in the console: real collector and broker, Chromium. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestGateway } from '../../collector/test/_util/gateway.js';
import type { Stack } from '../lib/stack.js';
import { openPage, overflow, shot } from './browser.js';
import { logIn, startConsole } from './console.js';

const DAY = 24 * 3_600_000;
const PHONE = { width: 360, height: 780 };

let stack: Stack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startConsole('incident-setup'));
});

afterAll(() => stop());

async function open(link: string, viewport = PHONE): Promise<{ page: Page; problems: string[] }> {
  const opened = await openPage(browser, stack.consoleUrl, viewport);
  await logIn(opened.page, stack.adminPassword);
  await opened.page.getByRole('link', { name: link }).click();
  return opened;
}

/** Wrong input is answered with 400, which the browser notes. */
const unexpected = (problems: readonly string[]) => problems.filter((text) => !/status of 400/.test(text));

it('an administrator sets a team and its schedule up, sees gaps before saving, and deletes them', async () => {
  const { page, problems } = await open('On call');
  for (const username of ['lan', 'minh'])
    await page.request.post(`${stack.consoleUrl}/api/v1/people`, { data: { username, role: 'operator' } });
  const setup = page.getByTestId('teams');
  await setup.getByRole('button', { name: 'New team' }).click();
  // The field for the name has the focus.
  await page.keyboard.type('Đội vận hành');
  const form = setup.getByTestId('team-form');
  expect(await form.getByLabel('Short name').inputValue()).toBe('doi-van-hanh');
  await form.getByLabel('Short name').fill('-ops');
  for (const name of ['lan', 'minh']) await form.getByLabel(name, { exact: true }).check();
  await form.getByRole('button', { name: 'Save team' }).click();
  await form.getByText('must be 1 to 63 characters').waitFor();
  expect(await form.getByLabel('Short name').getAttribute('aria-invalid')).toBe('true');
  await form.getByLabel('Short name').fill('ops');
  await page.keyboard.press('Enter');
  await setup.getByText('Members: lan, minh').waitFor();

  await setup.getByRole('button', { name: 'New team' }).click();
  await form.getByLabel('Name of the team').fill('Ops');
  await form.getByText('A team has this short name already.').waitFor();
  await page.keyboard.press('Enter');
  await form.getByRole('button', { name: 'Cancel' }).click();
  await setup.getByText('Members: lan, minh').waitFor();

  await setup.getByRole('button', { name: 'Set up L1' }).click();
  const schedule = setup.getByTestId('schedule-form');
  expect(await schedule.getByRole('button', { name: 'Save schedule' }).isDisabled()).toBe(true);
  await schedule.getByLabel('Time zone', { exact: false }).first().fill('Mars/Base');
  await schedule.getByLabel('A turn lasts').fill('27');
  await schedule.getByRole('button', { name: 'Show the next 14 days' }).click();
  await schedule.getByText('is no time zone of the IANA database').waitFor();
  await schedule.getByLabel('Time zone', { exact: false }).first().fill('Asia/Ho_Chi_Minh');
  await schedule.getByRole('button', { name: 'Show the next 14 days' }).click();
  await schedule.getByText('must be at most 168 hours, 90 days, 26 weeks, 12 months').waitFor();
  await schedule.getByLabel('A turn lasts').fill('1');
  for (const name of ['lan', 'minh'])
    await schedule.getByRole('button', { name: `Take ${name} out` }).click();
  await schedule.getByRole('button', { name: 'Show the next 14 days' }).click();
  await schedule.getByText('must name somebody').waitFor();
  for (const name of ['lan', 'minh'])
    await schedule.getByRole('combobox', { name: 'Add somebody…' }).selectOption(name);
  await schedule.getByLabel('Unit').selectOption('days');
  const start = new Date(Date.now() + DAY).toISOString().slice(0, 10);
  await schedule.getByLabel('First hand-off').fill(`${start}T09:00`);
  await schedule.getByRole('button', { name: 'minh one earlier' }).press('Enter');
  expect(await schedule.getByTestId('order').textContent()).toMatch(/1\. minh.*2\. lan/);
  await schedule.getByLabel('Only at certain hours').check();
  await schedule.getByLabel('Saturday').fill('9 to 5');
  await schedule.getByRole('button', { name: 'Show the next 14 days' }).click();
  await schedule.getByText('must be from and to such as 08:00-22:00').waitFor();
  await schedule.getByLabel('Saturday').fill('');
  await schedule.getByRole('button', { name: 'Show the next 14 days' }).click();
  const preview = schedule.getByTestId('preview');
  await preview.getByText('nobody: no rotation has begun yet').first().waitFor();
  await preview.getByText('nobody: outside of the hours of every rotation').first().waitFor();
  await preview.getByText(/lan is on call from .* and has no verified contact/).waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'setup-schedule-gaps-phone');

  await schedule.getByLabel('Only at certain hours').uncheck();
  // What was tried is not what would be saved now.
  expect(await schedule.getByRole('button', { name: 'Save schedule' }).isDisabled()).toBe(true);
  await schedule.getByLabel('First hand-off').fill('2026-03-02T09:00');
  await schedule.getByRole('button', { name: 'Show the next 14 days' }).click();
  await preview.getByText('Somebody is on call all of the time.').waitFor();
  expect(await preview.locator('[data-gap]').count()).toBe(0);
  await schedule.getByRole('button', { name: 'Save schedule' }).click();
  await setup.getByRole('button', { name: 'Edit L1' }).waitFor();
  await page.getByTestId('duty-ops-1').waitFor();

  await setup.getByRole('button', { name: 'Edit L1' }).click();
  await page.getByTestId('language').getByText('Tiếng Việt').click();
  await schedule.getByRole('button', { name: 'Xem 14 ngày tới' }).click();
  await preview.getByText('Lúc nào cũng có người trực.').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'setup-schedule-vi');
  await schedule.getByRole('button', { name: 'Xóa lịch trực' }).click();
  await page.keyboard.press('Escape');
  await schedule.getByRole('button', { name: 'Xóa lịch trực' }).click();
  // The second button has the focus.
  await page.keyboard.press('Enter');
  await setup.getByRole('button', { name: 'Thiết lập L1' }).waitFor();
  expect(unexpected(problems)).toEqual([]);
});

it('whoever comes on duty finds open incidents, the last shift and notes on one card', async () => {
  const { page, problems } = await open('On call', { width: 1200, height: 900 });
  const api = `${stack.consoleUrl}/api/v1`;
  const rotation = { kind: 'weeks', length: 1, start: '2026-03-02T09:00', members: ['admin'] };
  await page.request.put(`${api}/teams/ops`, { data: { title: 'Operations', members: ['admin'] } });
  await page.request.put(`${api}/teams/ops/schedules/1`, {
    data: { timeZone: 'Asia/Ho_Chi_Minh', rotations: [rotation] },
  });
  for (const title of ['The door is dark', 'The lobby is dark'])
    await page.request.post(`${api}/incidents`, { data: { title, severity: 'high' } });
  await page.request.post(`${api}/incidents/INC-1/note`, { data: { text: 'A new cable is on its way.' } });
  await page.request.post(`${api}/incidents/INC-2/acknowledge`);
  for (const text of ['Mind the painters.', 'The lobby camera was cleaned.'])
    await page.request.post(`${api}/teams/ops/notes`, { data: { level: 1, text } });
  await page.reload();
  const handover = page.getByTestId('handover-ops-1');
  // Open by itself, for whoever is on duty.
  await handover.getByText('Open incidents: 2').waitFor();
  await handover.getByRole('link', { name: 'INC-1 The door is dark' }).waitFor();
  await handover.getByText('A new cable is on its way.').waitFor();
  await handover.getByText('admin has it').waitFor();
  await handover.getByText('Incidents opened: 2, acknowledged: 1, resolved: 0. Pages sent: 0.').waitFor();
  await handover.getByText('Mind the painters.').waitFor();
  await shot(page, 'setup-handover');
  await page.setViewportSize(PHONE);
  expect(await overflow(page)).toBe(0);
  await shot(page, 'setup-handover-phone');
  await handover.getByRole('link', { name: 'INC-1 The door is dark' }).click();
  await page.getByText('A new cable is on its way.').waitFor();
  expect(problems).toEqual([]);
});

it('a rule is changed once the change was tried, and goes back to an earlier version and the default', async () => {
  const gateway = await TestGateway.connect(
    `mqtt://127.0.0.1:${stack.ports.mqtt}`,
    'lobby',
    stack.gatewayPassword,
  );
  await gateway.sayHello();
  const at = Date.now() - 3 * DAY;
  await gateway.deliver(1, [
    { kind: 'camera', camera: 'door', state: 'streaming', cause: 'first-frame', at: at - 3_600_000 },
    { kind: 'camera', camera: 'door', state: 'backoff', cause: 'unreachable', at },
    { kind: 'camera', camera: 'door', state: 'streaming', cause: 'recovered', at: at + 60_000 },
  ]);
  const { page, problems } = await open('Alerts');
  await page.getByText('Rules', { exact: true }).click();
  const rule = page.locator('[data-testid=rule][data-rule=camera-offline]');
  await rule.getByText('Change this rule, its versions').click();
  const form = rule.getByTestId('rule-form');
  const save = form.getByRole('button', { name: 'Save this version' });
  await form.getByLabel('Must be true for (s)').fill('0');
  await form.getByLabel('Over at').fill('5');
  expect(await save.isDisabled()).toBe(true);
  // Enter tries what was not tried yet.
  await page.keyboard.press('Enter');
  await form.getByText('would be over at 5 already').waitFor();
  await form.getByLabel('Over at').fill('');
  await form.getByRole('button', { name: 'Try on the last 28 days' }).click();
  await form.getByText('As it is: would have fired 0 times, paged 0.').waitFor();
  await form.getByText('Changed so: would have fired 1 times, paged 1.').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'setup-rule-phone');
  await page.setViewportSize({ width: 1200, height: 900 });
  await rule.scrollIntoViewIfNeeded();
  await shot(page, 'setup-rule');
  await page.setViewportSize(PHONE);
  await save.click();
  await rule.getByText('changed (version 1)').waitFor();
  const versions = rule.getByTestId('rule-versions');
  await versions.getByText('Must be true for: 2 min → 0 s').waitFor();

  await form.getByLabel('Severity').selectOption('low');
  await form.getByRole('button', { name: 'Try on the last 28 days' }).click();
  await form.getByText('Changed so: would have fired 1 times, paged 0.').waitFor();
  await save.click();
  await versions.getByText('Severity: high → low').waitFor();
  await versions.getByRole('button', { name: 'Load version 1' }).click();
  await form.getByRole('button', { name: 'Try on the last 28 days' }).click();
  await form.getByText('Changed so: would have fired 1 times, paged 1.').waitFor();
  await save.click();
  await versions.getByText('Severity: low → high').waitFor();
  await page.getByTestId('language').getByText('Tiếng Việt').click();
  await versions.getByRole('button', { name: 'Nạp mặc định' }).click();
  await form.getByRole('button', { name: 'Thử trên 28 ngày qua' }).click();
  await form.getByText('Sau khi đổi: sẽ báo 0 lần, gọi người 0 lần.').waitFor();
  await form.getByRole('button', { name: 'Lưu phiên bản này' }).click();
  await versions.getByText('Phải đúng trong: 0 giây → 2 phút').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'setup-rule-vi');

  // Without history there is nothing to try; it can be saved at once.
  const frozen = page.locator('[data-testid=rule][data-rule=camera-frozen]');
  await frozen.locator('summary').last().click();
  await frozen.getByText('không thể thử trước khi lưu').waitFor();
  expect(unexpected(problems)).toEqual([]);
});
