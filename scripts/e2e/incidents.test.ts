/** Somebody opens an incident, takes it with one key, resolves it and reads the draft of its review: desk and phone, Chromium. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AlertRef } from '../../collector/src/alerts/rows.js';
import { attachAlert } from '../../collector/src/incidents/from-alerts.js';
import { inTransaction, openStore } from '../../collector/src/store/store.js';
import type { Stack } from '../lib/stack.js';
import { openPage, overflow, shot } from './browser.js';
import { logIn, startConsole } from './console.js';

let stack: Stack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startConsole('incidents'));
});

afterAll(() => stop());

async function open(width: number, options: Parameters<typeof openPage>[3] = {}) {
  const { page, problems } = await openPage(browser, stack.consoleUrl, { width, height: 780 }, options);
  await logIn(page, stack.adminPassword);
  await page.getByRole('link', { name: 'Incidents' }).click();
  await page.getByTestId('incidents').waitFor();
  return { page, problems };
}

const stands = (page: Page, status: string) =>
  page.locator(`[data-testid=incident-view][data-status=${status}]`).waitFor();

it('an incident is opened by hand, acknowledged by a key, resolved, and its review is drafted', async () => {
  const { page, problems } = await open(1000);
  await page.getByText('No incident here.').waitFor();
  await page.getByRole('button', { name: 'Open an incident' }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('What is wrong').fill('The door counter is dark');
  const form = page.getByRole('region', { name: 'Open an incident' });
  await form.getByLabel('Severity').selectOption('critical');
  await page.getByLabel('Where').selectOption('main');
  await shot(page, 'incident-new');
  await page.getByRole('button', { name: 'Open it' }).focus();
  await page.keyboard.press('Enter');
  await stands(page, 'triggered');
  await page.getByText(/^Acknowledge within 14 min \d+ s$/).waitFor();
  const before = await page.getByTestId('countdown').textContent();
  await expect.poll(() => page.getByTestId('countdown').textContent()).not.toBe(before);
  await shot(page, 'incident-triggered');

  // The key does nothing where somebody types.
  await page.getByRole('button', { name: 'Note' }).click();
  await page.getByLabel('What did you find out or do?').pressSequentially('a fuse');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Write it down' }).click();
  await page.getByTestId('timeline-entry').getByText('a fuse').waitFor();
  await stands(page, 'triggered');
  await page.locator('body').press('a');
  await stands(page, 'acknowledged');
  await page.getByText(/admin has it; without a note it goes back in 29 min/).waitFor();

  await page.getByRole('button', { name: 'Resolve' }).click();
  await page.getByLabel('Why is it over?').fill('fuse replaced');
  await page.getByRole('button', { name: 'It is resolved' }).click();
  await stands(page, 'resolved');
  const review = page.getByTestId('review');
  const summary = review.getByLabel('Summary');
  await expect
    .poll(() => summary.inputValue())
    .toMatch(
      /INC-1, critical: The door counter is dark at main\..*\(target 15 min\).*fuse replaced.*Acted: admin\./s,
    );
  await review.getByLabel('Root cause').fill('an old fuse');
  await review.getByLabel('Contributing factors').fill('no spare');
  await review.getByLabel('Lessons').fill('keep spare fuses');
  await review.getByRole('button', { name: 'Save' }).click();
  await review.getByRole('button', { name: 'Saved' }).waitFor();
  await review.getByLabel('What is to be done').fill('Check all fuses');
  await review.getByLabel('Until').fill('2030-01-31');
  await review.getByRole('button', { name: 'Add' }).click();
  await review.getByTestId('action-item').getByText('Check all fuses').waitFor();
  await review.getByRole('button', { name: 'Submit for review' }).click();
  await page.getByText('Another person must approve it.').waitFor();
  await shot(page, 'incident-review');
  const download = page.waitForEvent('download');
  await review.getByRole('link', { name: 'Download as Markdown' }).click();
  expect((await download).suggestedFilename()).toBe('INC-1.md');

  await page.getByRole('link', { name: 'All incidents' }).click();
  await page.getByText('What was learnt before').click();
  await page.getByLabel('Search reviews').fill('old FUSE');
  await page.getByTestId('lesson').getByText('INC-1 · The door counter is dark').waitFor();
  await page.getByText('Response of the last 28 days').click();
  await page.getByRole('row', { name: /Critical 1 100 %/ }).waitFor();
  await shot(page, 'incidents-desk');
  expect(problems).toEqual([]);
});

it('an alert is taken with a thumb on a phone in the dark, its checklist ticked, in Vietnamese', async () => {
  const now = Date.now();
  const store = await openStore(stack.database);
  const steps = [
    { en: 'Look whether the gateway has power', vi: 'Xem gateway có điện không' },
    { en: 'Restart the switch of the site', vi: 'Khởi động lại switch của điểm' },
  ];
  const alert: AlertRef = {
    ...{ id: 'a1', ruleSlug: 'gateway-offline', groupKey: 'site:main', firedAt: now },
    severity: 'high',
    asset: { kind: 'gateway', path: 'main/lobby', name: 'lobby' },
    title: { en: 'Gateway lobby is offline', vi: 'Gateway lobby mất kết nối' },
    ...{ suppressedBy: [], runbook: 'gateway-offline' },
  };
  await inTransaction(store, (trx) => attachAlert(trx, alert, now, () => steps));
  await store.destroy();
  const { page, problems } = await open(360, { hasTouch: true, isMobile: true, colorScheme: 'dark' });
  await page.getByText('Tiếng Việt').tap();
  await page.getByText('INC-2 · Gateway lobby mất kết nối').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'incidents-phone-vi');
  await page.getByText('INC-2 · Gateway lobby mất kết nối').tap();
  await stands(page, 'triggered');
  const button = page.getByRole('button', { name: 'Tiếp nhận' });
  const box = await button.boundingBox();
  expect([(box?.height ?? 0) >= 72, (box?.width ?? 0) > 300]).toEqual([true, true]);
  // In reach without scrolling.
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(780);
  expect(await overflow(page)).toBe(0);
  await shot(page, 'incident-phone-triggered-vi');
  await button.tap();
  await stands(page, 'acknowledged');
  await page.getByLabel('1. Xem gateway có điện không').tap();
  await page.getByTestId('timeline-entry').getByText('Xong bước 1').waitFor();
  await page.getByText('Cảnh báo: Gateway lobby mất kết nối').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'incident-phone-vi');
  await page.getByRole('button', { name: 'Giải quyết' }).tap();
  await page.getByLabel('Vì sao đã xong?').fill('Đã cắm lại điện');
  await page.getByRole('button', { name: 'Đã giải quyết' }).tap();
  await stands(page, 'resolved');
  await expect
    .poll(() => page.getByTestId('review').getByLabel('Tóm tắt').inputValue())
    .toMatch(/mục tiêu 1 giờ.*Đã cắm lại điện/s);
  expect(await overflow(page)).toBe(0);
  await shot(page, 'incident-phone-review-vi');
  expect(problems).toEqual([]);
});
