/** The pages of whoever keeps the system running: real collector, real broker, Chromium. */
import Database from 'better-sqlite3';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { isoWithOffset } from '../../collector/src/counts/zone.js';
import { TestGateway } from '../../collector/test/_util/gateway.js';
import { until } from '../../collector/test/_util/until.js';
import type { Stack } from '../lib/stack.js';
import { openPage, overflow, shot } from './browser.js';
import { logIn, startConsole } from './console.js';

const HOUR = 3_600_000;
const ZONE = 'Asia/Ho_Chi_Minh';
const PHONE = { width: 360, height: 780 };

let stack: Stack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startConsole('operations'));
});

afterAll(() => stop());

async function enter(page: Page): Promise<void> {
  await logIn(page, stack.adminPassword);
  await page.getByRole('link', { name: 'Overview' }).waitFor();
}

it('a window is planned in the time of the site, the camera says until when, and it is ended early', async () => {
  const url = `mqtt://127.0.0.1:${stack.ports.mqtt}`;
  const gateway = await TestGateway.connect(url, 'lobby', stack.gatewayPassword);
  await gateway.sayHello();
  const { page, problems } = await openPage(browser, stack.consoleUrl, PHONE);
  await enter(page);
  await page.getByRole('link', { name: 'Maintenance' }).click();
  await page.getByText('No window is planned').waitFor();
  const wall = (at: number) => isoWithOffset(ZONE, at).slice(0, 16);
  const end = Date.now() + 2 * HOUR;
  await page.getByLabel('What is worked on').selectOption({ label: 'Gateway lobby' });
  await page.getByLabel(`Ends (${ZONE})`).fill(wall(Date.now() - HOUR));
  await page.getByLabel('Reason').fill('new switch');
  await page.getByRole('button', { name: 'Add window' }).click();
  await page.getByText('end: must be after the start').waitFor();
  await page.getByLabel(`Ends (${ZONE})`).fill(wall(end));
  await page.getByRole('button', { name: 'Add window' }).click();
  const running = page.locator('[data-testid=window][data-state=running]');
  await running.getByText('new switch').waitFor();
  // Browser and Node.js put different spaces before AM and PM.
  const plain = (text: string | null) => (text ?? '').replace(/\s/g, ' ');
  const time = { hour: '2-digit', minute: '2-digit', timeZone: ZONE } as const;
  const clock = `${plain(new Intl.DateTimeFormat('en', time).format(end))} GMT+7`;
  expect(plain(await running.textContent())).toContain(`${clock}new switch`);
  await page.getByLabel(`Begins (${ZONE})`).fill(wall(Date.now() + 24 * HOUR));
  await page.getByLabel(`Ends (${ZONE})`).fill(wall(Date.now() + 25 * HOUR));
  await page.getByLabel('Reason').fill('power of the building');
  await page.getByRole('button', { name: 'Add window' }).click();
  await page.locator('[data-state=planned]').getByText('power of the building').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-maintenance');

  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByTestId('in-maintenance').getByText(`In maintenance until`).waitFor();
  expect(plain(await page.getByTestId('in-maintenance').textContent())).toContain(clock);
  await shot(page, 'console-in-maintenance');
  await page.goto(`${stack.consoleUrl}/#maintenance`);
  await running.getByRole('button', { name: 'End now' }).click();
  await page.getByText('Tiếng Việt').click();
  await page.getByText('kết thúc sớm lúc').waitFor();
  expect(await running.count()).toBe(0);
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-maintenance-vi');
  // The refusal of the wrong window.
  expect(problems.filter((problem) => !problem.includes('400 (Bad Request)'))).toEqual([]);
});

it('a window that comes again is planned, changed and ended with the keyboard, and a long one of somebody else approved', async () => {
  const db = new Database(stack.file('collector/collector.sqlite'));
  onTestFinished(() => void db.close());
  const now = Date.now();
  db.prepare(
    `INSERT INTO maintenance_window (id, scope, site, start_at, end_at, reason, kind, author, created_at, approval)
      VALUES ('8b0a1f5e-3c1d-4a57-9c0e-6a1d0c1b2f3a', 'site', 'main', ?, ?, 'new racks', 'planned', 'lan', ?, 'waiting')`,
  ).run(now + HOUR, now + 49 * HOUR, now);
  const { page, problems } = await openPage(browser, stack.consoleUrl, PHONE);
  await enter(page);
  await page.goto(`${stack.consoleUrl}/#maintenance`);
  const long = page.getByTestId('window').filter({ hasText: 'new racks' });
  await long.getByText('somebody else than lan must approve it').waitFor();
  await shot(page, 'console-maintenance-waiting');
  await long.getByRole('button', { name: 'Approve' }).focus();
  await page.keyboard.press('Enter');
  await long.getByText('approved by admin').waitFor();

  await page.getByLabel('How often').selectOption('weekly');
  await page.getByLabel(`Begins the first time (${ZONE})`).fill('2026-03-01T02:00');
  await page.getByLabel(`Ends the first time (${ZONE})`).fill('2026-03-01T04:00');
  await page.getByLabel('Reason').fill('the night of updates');
  await page.getByLabel('What is held back').selectOption('page');
  await page.getByLabel('Reason').press('Enter');
  const series = page.getByTestId('series');
  await series
    .getByText(`every week on this weekday, from 2026-03-01 02:00 (${ZONE}), for 120 min`)
    .waitFor();
  await series.getByText(/^1[23] windows are planned$/).click();
  await series.getByTestId('window').first().getByText('Pages only').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-maintenance-series');
  await series.getByRole('button', { name: 'Change the series' }).click();
  expect(await series.getByLabel('How often').inputValue()).toBe('weekly');
  await series.getByLabel('How often').selectOption('daily');
  await series.getByLabel('Last day').fill('2099-12-31');
  await shot(page, 'console-maintenance-series-change');
  await series.getByRole('button', { name: 'Save the series' }).click();
  await series.getByText('every day, from 2026-03-01 02:00').waitFor();
  await series.getByText('until 2099-12-31').waitFor();
  await page.getByText('Tiếng Việt').click();
  await series.getByText('mỗi ngày, từ 2026-03-01 02:00').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-maintenance-series-vi');
  await series.getByRole('button', { name: 'Kết thúc chuỗi' }).click();
  await series.waitFor({ state: 'detached' });
  expect(problems).toEqual([]);
});

it('errors of the collector are shown by kind, with the newest one, and resolved', async () => {
  const db = new Database(stack.file('collector/collector.sqlite'));
  onTestFinished(() => void db.close());
  const { page, problems } = await openPage(browser, stack.consoleUrl, PHONE);
  await enter(page);
  db.exec('ALTER TABLE webhook RENAME TO gone');
  const status = await page.evaluate(async () => (await fetch('/api/v1/webhooks')).status);
  db.exec('ALTER TABLE gone RENAME TO webhook');
  expect(status).toBe(500);
  await page.goto(`${stack.consoleUrl}/#errors`);
  const group = page.getByTestId('error-group').filter({ hasText: 'request failed: no such table: webhook' });
  // It is written some seconds later.
  await until(async () => {
    await page.reload();
    await page.getByTestId('errors').waitFor();
    return (await group.count()) > 0 ? true : undefined;
  }, 'the group');
  await group.getByRole('button', { name: 'Newest one' }).click();
  await group.getByText('at async', { exact: false }).first().waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-errors');
  await group.getByRole('button', { name: 'Resolve' }).click();
  await group.waitFor({ state: 'detached' });
  await page.getByText('Tiếng Việt').click();
  await page.getByText('Đã xử lý', { exact: true }).click();
  await group.getByText('admin thay đổi').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-errors-vi');
  expect(problems.filter((problem) => !problem.includes('500 (Internal Server Error)'))).toEqual([]);
});

it('every promise is shown with its target, how it is kept and what of its budget is left', async () => {
  const { page, problems } = await openPage(browser, stack.consoleUrl, PHONE);
  await enter(page);
  await page.getByRole('link', { name: 'Promises' }).click();
  const uptime = page.locator('[data-slo=collector-uptime]');
  await uptime.getByText('Target: 99.9 %').waitFor();
  expect(await page.getByTestId('promise').count()).toBe(4);
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-slo');
  await page.getByText('Tiếng Việt').click();
  await uptime.getByText('Mục tiêu: 99,9 %').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-slo-vi');
  expect(problems).toEqual([]);
});
