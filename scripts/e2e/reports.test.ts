/** Somebody looks at how on-call went in March, takes the PDF with them and goes to the rule that was noise: desk, phone and paper. */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../../collector/src/store/store.js';
import { march, ReportWorld } from '../../collector/test/_util/report-world.js';
import type { Stack } from '../lib/stack.js';
import { openPage, overflow, shot } from './browser.js';
import { logIn, startConsole } from './console.js';

let stack: Stack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startConsole('reports', { gateways: [] }));
});

afterAll(() => stop());

async function open(width: number, options: Parameters<typeof openPage>[3] = {}) {
  const { page, problems } = await openPage(browser, stack.consoleUrl, { width, height: 780 }, options);
  await logIn(page, stack.adminPassword);
  await page.getByRole('link', { name: 'Reports' }).click();
  await page.getByTestId('reports').waitFor();
  return { page, problems };
}

it('March on a desk: empty before, then who was paged, the noise and its rule; PDF and paper', async () => {
  const { page, problems } = await open(1000);
  await page.getByText('Nobody was paged in these days.').waitFor();
  await page.getByText('No rule sent a page in these days.').waitFor();
  await shot(page, 'reports-empty');
  const store = await openStore(stack.database);
  const world = await ReportWorld.over(store);
  await march(world);
  for (const day of ['02', '03', '04']) {
    const from = Date.parse(`2026-03-${day}T10:00Z`);
    await world.outage(from, 150_000);
    const id = await world.incident('camera-offline', from + 120_000, 150_000, 120_000);
    await world.page(id, 'lan-mail', from + 120_000);
  }
  await store.destroy();
  await page.getByLabel('First day').fill('2026-03-01');
  await page.getByLabel('Last day').fill('2026-03-31');
  await page.getByLabel('Time zone').fill('Europe/Berlin');
  await page.keyboard.press('Enter');
  await page.getByRole('row', { name: /^lan 9 8 4 2 1 e-mail 8, SMS 3$/ }).waitFor();
  await page.getByRole('row', { name: /^2026-03-28 lan 3, too many 2 .* Europe\/Berlin$/ }).waitFor();
  await page.getByRole('row', { name: /^Camera .* 6 5 7 / }).waitFor();
  await page.getByTestId('sum-pages').getByText('11').waitFor();
  const proposal = page.locator('[data-testid=proposal][data-rule=camera-offline]');
  await proposal
    .getByText(/For 3 min instead of 2 min it would have sent 4 pages instead of 7 .* nobody had acted/)
    .waitFor();
  await shot(page, 'reports-desk');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download as PDF' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('on-call-2026-03-01.pdf');
  expect(
    readFileSync(await file.path())
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');
  await page.emulateMedia({ media: 'print' });
  expect(await page.getByRole('button', { name: 'Show', exact: true }).isVisible()).toBe(false);
  expect(await page.getByRole('navigation').isVisible()).toBe(false);
  await shot(page, 'reports-paper');
  await page.emulateMedia({ media: 'screen' });
  await proposal.getByRole('link', { name: 'Open the rule and try it' }).focus();
  await page.keyboard.press('Enter');
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-rule')))
    .toBe('camera-offline');
  await shot(page, 'reports-rule');
  expect(problems).toEqual([]);
});

it('March on a phone in the dark, in Vietnamese; a wrong zone is named', async () => {
  const { page, problems } = await open(360, { hasTouch: true, isMobile: true, colorScheme: 'dark' });
  await page.getByText('Tiếng Việt').tap();
  await page.getByLabel('Ngày đầu').fill('2026-03-01');
  await page.getByLabel('Ngày cuối').fill('2026-03-31');
  await page.getByLabel('Múi giờ').fill('Mars/Olympus');
  await page.getByRole('button', { name: 'Xem' }).tap();
  await page.getByText(/zone: is no time zone of the IANA database/).waitFor();
  problems.splice(0);
  await page.getByLabel('Múi giờ').fill('Europe/Berlin');
  await page.getByRole('button', { name: 'Xem' }).tap();
  await page.getByRole('row', { name: /^lan 9/ }).waitFor();
  await page.getByText(/Chờ 3 phút thay vì 2 phút/).waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'reports-phone-vi');
  expect(problems).toEqual([]);
});
