/** What the console says of cameras that were up and down: real collector, real broker, Chromium. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countRecord, TestGateway } from '../../collector/test/_util/gateway.js';
import type { Stack } from '../lib/stack.js';
import { openPage, overflow, shot } from './browser.js';
import { logIn, startConsole } from './console.js';

const HOUR = 3_600_000;
const HOURS = 48;

let stack: Stack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startConsole('uptime'));
});

afterAll(() => stop());

it('shows uptime beside its target, how much of the time is known, and the connection, in both languages', async () => {
  const gateway = await TestGateway.connect(
    `mqtt://127.0.0.1:${stack.ports.mqtt}`,
    'lobby',
    stack.gatewayPassword,
  );
  await gateway.sayHello();
  const end = Math.floor(Date.now() / HOUR) * HOUR;
  const records = Array.from({ length: HOURS }, (_, index) => {
    const start = end - (HOURS - index) * HOUR;
    const down = index === 5 ? 1_800_000 : 0;
    const gaps = down === 0 ? [] : [{ reason: 'backoff' as const, ms: down }];
    return countRecord(start, { lengthMs: HOUR, observedMs: HOUR - down, gaps });
  });
  await gateway.deliver(1, records);

  const { page, problems } = await openPage(browser, stack.consoleUrl, { width: 360, height: 780 });
  await logIn(page, stack.adminPassword);
  const uptime = page.getByTestId('camera').getByTestId('uptime');
  await uptime.getByText('Up 98.95 % of the last 28 days').waitFor();
  expect(await uptime.textContent()).toMatch(/target 99 %; known for (9\d|100) % of the time/);
  expect(await uptime.getAttribute('data-missed')).toBe('true');
  await page.getByTestId('gateway').getByText('Up 98.95 %').waitFor();
  const connection = page.getByTestId('connection');
  await connection.locator('summary').focus();
  await page.keyboard.press('Enter');
  await connection.getByText(/without TLS · password · 127\.0\.0\.1 · since/).waitFor();
  await connection.getByText(/Received: 2 messages, \d+(\.\d)? kB \(last at/).waitFor();
  await connection.getByText('Logins: 1, refused: 0').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-connection-en');
  await page.getByText('Tiếng Việt').click();
  await connection.getByText(/không có TLS · mật khẩu · 127\.0\.0\.1/).waitFor();
  await uptime.getByText('Hoạt động 98,95 % trong 28 ngày qua').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-uptime-vi');
  expect(problems).toEqual([]);
});
