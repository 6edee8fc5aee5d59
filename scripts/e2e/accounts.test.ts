/** People, roles and second factors as a person meets them: real collector, Chromium. */
import { Secret, TOTP } from 'otpauth';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Stack } from '../lib/stack.js';
import { openPage, overflow, shot } from './browser.js';
import { logIn, startConsole } from './console.js';

const PASSWORD = 'a horse that counts';

let stack: Stack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startConsole('accounts'));
});

afterAll(() => stop());

it('an administrator adds a person, who chooses a password, sets up a second factor and sees no more than a viewer may', async () => {
  const { page: admin, problems: adminProblems } = await openPage(browser, stack.consoleUrl, {
    width: 1200,
    height: 900,
  });
  await logIn(admin, stack.adminPassword);
  await admin.getByRole('link', { name: 'People' }).click();
  await admin.getByLabel('User name').fill('lan');
  await admin.getByRole('button', { name: 'Add person' }).click();
  const oneTime = (await admin.getByTestId('one-time').textContent()) ?? '';
  await shot(admin, 'console-people');

  const { page, problems } = await openPage(browser, stack.consoleUrl, { width: 360, height: 780 });
  await logIn(page, oneTime, 'lan');
  await page.getByText('Somebody else made your password').waitFor();
  expect(await page.getByRole('link', { name: 'Overview' }).count()).toBe(0);
  await page.getByLabel('Password as it is now').fill(oneTime);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByRole('link', { name: 'Overview' }).waitFor();
  for (const hidden of ['People', 'API tokens', 'Audit log'])
    expect(await page.getByRole('link', { name: hidden }).count()).toBe(0);

  await page.getByRole('link', { name: 'Accuracy' }).click();
  await page.getByText('Accuracy of every line').waitFor();
  expect(await overflow(page)).toBe(0);
  await page.goto(`${stack.consoleUrl}/#account`);
  const factor = page.getByRole('region', { name: 'Second factor' });
  await factor.getByLabel('Password as it is now').fill(PASSWORD);
  await factor.getByRole('button', { name: 'Set up a second factor' }).click();
  const totp = new TOTP({
    secret: Secret.fromBase32((await page.getByTestId('totp-secret').textContent()) ?? ''),
  });
  await factor
    .getByLabel('Code of the second factor')
    .fill(totp.generate({ timestamp: Date.now() - 30_000 }));
  await shot(page, 'console-totp');
  await factor.getByRole('button', { name: 'Put in force' }).click();
  await page.getByText('Recovery codes, shown this once').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-account');
  await page.getByRole('button', { name: 'Log out' }).click();

  await logIn(page, PASSWORD, 'lan');
  await page.getByLabel('Code of the second factor').fill('000000');
  await page.keyboard.press('Enter');
  await page.getByText('the code is wrong or was used').waitFor();
  await shot(page, 'console-login-code');
  await page.getByLabel('Code of the second factor').fill(totp.generate());
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Overview' }).waitFor();
  expect(problems).toEqual([]);

  await admin.getByRole('link', { name: 'Audit log' }).click();
  await admin.getByText('person.add').waitFor();
  await admin.getByText('account.totp-on').waitFor();
  await admin.getByText('Tiếng Việt').click();
  await admin.getByText('Nhật ký kiểm toán', { exact: true }).first().waitFor();
  await shot(admin, 'console-audit-log-vi');
  await admin.getByRole('link', { name: 'Mã API' }).click();
  await admin.getByLabel('Dùng để làm gì').fill('till');
  await admin.getByRole('button', { name: 'Tạo mã' }).click();
  await admin.getByText('Mã truy cập, chỉ hiện một lần').waitFor();
  await shot(admin, 'console-tokens-vi');
  expect(adminProblems).toEqual([]);
});

it('the description of the API can be read in the browser by who is logged in', async () => {
  const { page, problems } = await openPage(browser, stack.consoleUrl, { width: 1200, height: 900 });
  await logIn(page, stack.adminPassword);
  await page.getByRole('link', { name: 'Overview' }).waitFor();
  await page.goto(`${stack.consoleUrl}/api/docs`);
  await page.getByRole('link', { name: 'counts', exact: true }).click();
  await page.getByRole('link', { name: '/api/v1/counts', exact: true }).first().waitFor();
  await shot(page, 'api-docs');
  expect(problems).toEqual([]);
});
