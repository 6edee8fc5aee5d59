/** The pages of whoever keeps the system running: real collector, real broker, Chromium. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isoWithOffset } from '../../collector/src/counts/zone.js';
import { TestGateway } from '../../collector/test/_util/gateway.js';
import { Stack } from '../lib/stack.js';
import { openBrowser, openPage, overflow, shot } from './browser.js';

const HOUR = 3_600_000;
const ZONE = 'Asia/Ho_Chi_Minh';
const PHONE = { width: 360, height: 780 };

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-operations-'));
  stack = await Stack.create(folder, { usualPorts: false, timeZone: ZONE });
  await stack.startCollector();
  await stack.addGateway('lobby', []);
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  await stack.stop();
});

async function logIn(page: Page): Promise<void> {
  await page.getByLabel('User name').fill('admin');
  await page.locator('input[name=password]').fill(stack.adminPassword);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Overview' }).waitFor();
}

it('a window is planned in the time of the site, the camera says until when, and it is ended early', async () => {
  const url = `mqtt://127.0.0.1:${stack.ports.mqtt}`;
  const gateway = await TestGateway.connect(url, 'lobby', stack.gatewayPassword);
  await gateway.sayHello();
  const { page, problems } = await openPage(browser, stack.consoleUrl, PHONE);
  await logIn(page);
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
  expect(plain(await running.textContent())).toMatch(new RegExp(` to .* ${clock}new switch`));
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
