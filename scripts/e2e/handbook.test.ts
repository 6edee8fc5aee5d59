/** Somebody looks a runbook up from an alert's rule, an incident and the search: desk, phone and paper, Chromium. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AlertRef } from '../../collector/src/alerts/rows.js';
import { Handbook } from '../../collector/src/handbook/handbook.js';
import { attachAlert } from '../../collector/src/incidents/from-alerts.js';
import { inTransaction, openStore } from '../../collector/src/store/store.js';
import type { Stack } from '../lib/stack.js';
import { openPage, overflow, shot } from './browser.js';
import { logIn, startConsole } from './console.js';

let stack: Stack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startConsole('handbook'));
});

afterAll(() => stop());

async function open(width: number, options: Parameters<typeof openPage>[3] = {}) {
  const { page, problems } = await openPage(browser, stack.consoleUrl, { width, height: 780 }, options);
  await logIn(page, stack.adminPassword);
  await page.getByTestId('live-badge').waitFor();
  return { page, problems };
}

it('a runbook is found by keyboard, read, copied from and printed', async () => {
  const { page, problems } = await open(1000);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('link', { name: 'Handbook' }).focus();
  await page.keyboard.press('Enter');
  const cameras = page.getByRole('region', { name: 'Cameras' });
  await cameras.getByRole('link', { name: 'Camera picture is frozen' }).waitFor();
  await shot(page, 'handbook-list');
  await page.getByLabel('Search the handbook').fill('credentials file');
  await expect.poll(() => page.getByTestId('handbook').getByRole('link').count()).toBeLessThan(4);
  await page.getByText(/….*credentials file on the gateway/).waitFor();
  await shot(page, 'handbook-search');
  await page.getByLabel('Search the handbook').fill('xylophone');
  await page.getByText('Nothing in the handbook says this.').waitFor();
  await page.getByLabel('Search the handbook').fill('offline camera');
  await page.getByRole('link', { name: 'Camera offline' }).focus();
  await page.keyboard.press('Enter');
  const view = page.getByTestId('handbook-view');
  await view.getByRole('heading', { name: 'Diagnosis' }).waitFor();
  await view.getByText('For the alerts: Camera offline').waitFor();
  await view.getByRole('button', { name: 'Copy' }).first().focus();
  await page.keyboard.press('Enter');
  await view.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('ping -c 5 192.0.2.10');
  await shot(page, 'handbook-page');
  await page.emulateMedia({ media: 'print' });
  expect(await page.getByRole('navigation').isVisible()).toBe(false);
  expect(await view.getByRole('button', { name: 'Print' }).isVisible()).toBe(false);
  await shot(page, 'handbook-print');
  await page.emulateMedia({ media: 'screen' });
  await view.getByRole('link', { name: 'camera moved or covered' }).click();
  await view.getByRole('heading', { name: 'Camera moved or covered' }).waitFor();

  await page.getByRole('link', { name: 'Alerts' }).click();
  await page.getByText('Rules', { exact: true }).click();
  const rule = page.locator('[data-testid=rule][data-rule=gateway-clock-skew]');
  await rule.getByRole('link', { name: 'Runbook' }).click();
  await view.getByRole('heading', { name: 'Gateway clock is wrong' }).waitFor();
  expect(problems).toEqual([]);
});

it('an incident shows the steps of its runbook with their commands and links to it, on a phone, in Vietnamese', async () => {
  const now = Date.now();
  const { stepsOf } = Handbook.read(new URL('../../collector/handbook', import.meta.url).pathname);
  const alert: AlertRef = {
    ...{ id: 'a1', ruleSlug: 'camera-offline', groupKey: 'site:main', firedAt: now, severity: 'high' },
    asset: { kind: 'camera', path: 'main/lobby/door', name: 'door' },
    title: { en: 'Camera offline', vi: 'Camera mất hình' },
    ...{ suppressedBy: [], runbook: 'camera-offline' },
  };
  const store = await openStore(stack.database);
  await inTransaction(store, (trx) => attachAlert(trx, alert, now, stepsOf));
  await store.destroy();
  const { page, problems } = await open(360, { hasTouch: true, isMobile: true, colorScheme: 'dark' });
  await page.getByText('Tiếng Việt').tap();
  await page.getByRole('link', { name: 'Sự cố' }).tap();
  await page.getByText('INC-1 · Camera mất hình').tap();
  const list = page.getByRole('region', { name: 'Danh sách việc' });
  await list.waitFor();
  await list.getByText('ping -c 5 192.0.2.10').waitFor();
  await list.getByRole('checkbox').first().tap();
  await list.getByText(/admin.*\d{2}:\d{2}/).waitFor();
  expect(await list.getByRole('checkbox').count()).toBe(13);
  expect(await overflow(page)).toBe(0);
  await shot(page, 'handbook-incident-phone-vi');
  await list.getByRole('link', { name: 'Hướng dẫn xử lý' }).tap();
  const view = page.getByTestId('handbook-view');
  await view.getByRole('heading', { name: 'Chẩn đoán' }).waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'handbook-page-phone-vi');
  await view.getByRole('link', { name: 'Sổ tay' }).tap();
  await page.getByLabel('Tìm trong sổ tay').fill('dong ho');
  await page
    .getByText(/đồng hồ/)
    .first()
    .waitFor();
  await page.getByRole('link', { name: 'Camera bị xê dịch hoặc che' }).waitFor({ state: 'detached' });
  await expect.poll(() => overflow(page)).toBe(0);
  await shot(page, 'handbook-list-phone-vi');
  expect(problems).toEqual([]);
});
