/** A change for many gateways as an administrator makes it: real collector, Chromium, also on a phone. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Stack } from '../lib/stack.js';
import { openPage, overflow, shot } from './browser.js';
import { logIn, startConsole } from './console.js';

let stack: Stack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startConsole('rollout', {
    gateways: ['arcade', 'bakery', 'cinema'],
    tls: true,
  }));
});

afterAll(() => stop());

it('a change is looked at, begun, stopped and put back; its versions can be compared', async () => {
  const phone = { width: 360, height: 780 };
  const { page, problems } = await openPage(browser, stack.consoleUrl, phone);
  await logIn(page, stack.adminPassword);
  await page.getByRole('link', { name: 'Configuration' }).click();
  await page.getByLabel('Name of the gateway').fill('dairy');
  await page.getByRole('button', { name: 'Make a code' }).click();
  const command = page.getByTestId('enrol-command');
  await command.waitFor();
  expect(await command.innerText()).toMatch(/^headcount-agent enroll https:\/\/localhost:\d+ \S{47}$/);
  await page.getByRole('button', { name: 'Shut it out' }).click();
  await page.getByRole('button', { name: 'Really shut dairy out?' }).click();
  await page.getByText('It is shut out.').waitFor();
  expect(await overflow(page)).toBe(0);
  await page.getByText('No change has gone out in steps yet.').waitFor();
  await page.getByLabel('What changes, and why').fill('Surer detections');
  await page.getByLabel('Fields to change (YAML)').fill('detector: { threshold: [');
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: 'Show what would change' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Fields to change (YAML)').fill('detector: { threshold: 0.5 }\nlogLevel: info');
  await page.getByRole('button', { name: 'Show what would change' }).press('Enter');
  const preview = page.getByTestId('rollout-preview');
  await preview.getByText('arcade (first)').waitFor();
  expect(await preview.innerText()).toContain('detector.threshold nothing → 0.5');
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-rollout-preview');
  await page.getByRole('button', { name: 'Begin with these changes of 4 gateways' }).click();
  const card = page.getByTestId('rollout');
  await card.getByText('3 waiting · 1 trying').waitFor();
  await page.getByLabel('Gateway', { exact: true }).selectOption('arcade');
  const version = page.getByTestId('version');
  await version.getByText('roll-out: Surer detections').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-rollout-phone');
  await card.getByRole('button', { name: 'Stop here' }).click();
  await card.getByText('stopped').waitFor();
  await card.getByRole('button', { name: 'Put everything back' }).click();
  await card.getByText('put back').waitFor();
  await version.getByText('rolled back: Surer detections').waitFor();
  await page.getByTestId('language').getByText('Tiếng Việt').click();
  await page.getByText('Cấu hình các gateway').waitFor();
  await page.setViewportSize({ width: 1200, height: 900 });
  await shot(page, 'console-rollout-vi');
  expect(problems).toEqual([]);
});
