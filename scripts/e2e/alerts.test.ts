/** What the console says of a camera that goes dark and of its gateway that falls silent: real collector and broker, Chromium. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestGateway } from '../../collector/test/_util/gateway.js';
import type { Stack } from '../lib/stack.js';
import { openPage, overflow, shot } from './browser.js';
import { logIn, startConsole } from './console.js';

let stack: Stack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startConsole('alerts'));
});

afterAll(() => stop());

it('names the root and what it explains, shows rules with a switch, and tries them on history', async () => {
  const gateway = await TestGateway.connect(
    `mqtt://127.0.0.1:${stack.ports.mqtt}`,
    'lobby',
    stack.gatewayPassword,
  );
  await gateway.sayHello();
  const { page, problems } = await openPage(browser, stack.consoleUrl, { width: 360, height: 780 });
  await logIn(page, stack.adminPassword);
  await page.getByRole('link', { name: 'Alerts' }).click();
  await page.getByText('Nothing is wrong.').waitFor();

  // Sooner than by default: nobody waits minutes here.
  const change = (slug: string, data: object) =>
    page.request.put(`${stack.consoleUrl}/api/v1/alert-rules/${slug}`, { data });
  await change('camera-offline', { forSeconds: 0 });
  const now = Date.now();
  await gateway.deliver(1, [
    { kind: 'camera', camera: 'door', state: 'streaming', cause: 'first-frame', at: now - 60_000 },
    { kind: 'camera', camera: 'door', state: 'backoff', cause: 'unreachable', at: now - 1000 },
  ]);
  const camera = page.locator('[data-testid=alert][data-rule=camera-offline]');
  await camera.getByText('Front door · main/lobby/door').waitFor({ timeout: 20_000 });
  await camera.getByText('high').waitFor();
  await camera.getByText('History').click();
  await camera.getByText(/: fires$/).waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'alerts-open');

  await camera.getByRole('button', { name: 'Silence this' }).focus();
  await page.keyboard.press('Enter');
  // The form knows what it is about and waits for the reason.
  expect(await page.getByLabel('Rule', { exact: true }).inputValue()).toBe('camera-offline');
  expect(await page.getByLabel('Place').inputValue()).toBe('main/lobby/door');
  await page.keyboard.type('a new lens is on its way');
  await page.keyboard.press('Enter');
  const silence = page.locator('[data-testid=silence][data-state=open]');
  await silence.getByText('Camera offline · main/lobby/door').waitFor();
  await silence.getByText('1 alert fits').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'alerts-silences');
  await page.getByText('Open', { exact: true }).click();
  await camera.getByText('Silenced: nobody is told').waitFor({ timeout: 20_000 });
  await page.getByText('Tiếng Việt').click();
  await page.getByText('Tắt tiếng', { exact: true }).first().click();
  await silence.getByText('1 cảnh báo phù hợp').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'alerts-silences-vi');
  await silence.getByRole('button', { name: 'Kết thúc ngay' }).click();
  await page
    .locator('[data-testid=silence][data-state=ended]')
    .getByText(/^admin kết thúc lúc /)
    .waitFor();
  await page.getByText('English').click();
  await page.getByText('Open', { exact: true }).click();
  await camera.getByText('Silenced: nobody is told').waitFor({ state: 'detached', timeout: 20_000 });

  await change('gateway-offline', { forSeconds: 0, thresholds: { '': 5 }, clears: { '': 5 } });
  const root = page.locator('[data-testid=alert][data-rule=gateway-offline]');
  await root.getByText('Gateway offline').first().waitFor({ timeout: 30_000 });
  await root.getByText('1 alert that this explains').click({ timeout: 20_000 });
  await root.getByText('Explained by “Gateway offline” at main/lobby').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'alerts-root');

  await page.getByText('Rules', { exact: true }).click();
  const rule = page.locator('[data-testid=rule][data-rule=camera-offline]');
  await rule.getByText('Try on the last 7 days').click();
  await rule.getByText(/^Would have fired 1 times in the last 7 days, /).waitFor();
  await page.locator('[data-rule=deadman]').getByText('watcher.silence > 180 s').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'alerts-rules');
  await page.getByText('Tiếng Việt').click();
  await rule.getByText('Camera mất hình').waitFor();
  await rule.getByRole('switch').focus();
  await page.keyboard.press('Space');
  await rule.getByText('đã thay đổi (phiên bản 2)').waitFor();
  await page.getByText('Đã hết', { exact: true }).click();
  await camera.getByText(/quy tắc hoặc vị trí đã bị gỡ/).waitFor({ timeout: 20_000 });
  expect(await overflow(page)).toBe(0);
  await shot(page, 'alerts-resolved-vi');
  expect(problems).toEqual([]);
});
