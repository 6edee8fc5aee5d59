/** Test pages as people meet them: real collector, real mail server, Chromium. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { smtpError, TestSmtp } from '../../collector/test/_util/smtp.js';
import { Stack } from '../lib/stack.js';
import { openBrowser, openPage, overflow, shot } from './browser.js';
import { logIn } from './console.js';

it('an administrator sends a test page, acknowledges it from the mail, and sees what became of it', async () => {
  const smtp = await TestSmtp.start();
  smtp.onRecipient = (address) => {
    if (address.startsWith('gone@')) throw smtpError(550, 'no such mailbox');
  };
  const folder = mkdtempSync(join(tmpdir(), 'headcount-notify-'));
  const env = { SMTP_URL: smtp.url };
  const stack = await Stack.create(folder, { usualPorts: false, timeZone: 'Asia/Ho_Chi_Minh', env });
  const notify = { publicUrl: stack.consoleUrl, email: { from: 'Headcount <headcount@example.com>' } };
  appendFileSync(stack.file('collector.yaml'), stringify({ notify }));
  await stack.startCollector();
  const browser = await openBrowser();
  onTestFinished(async () => {
    await browser.close();
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const { page, problems } = await openPage(browser, stack.consoleUrl, { width: 360, height: 780 });
  await logIn(page, stack.adminPassword);
  await page.getByRole('link', { name: 'Notifications' }).click();
  await page.getByText('Nobody was notified yet.').waitFor();
  await page.getByLabel('Address').fill('lan@example.com');
  await page.keyboard.press('Enter');
  const mail = await smtp.inbox.next();
  const card = page.getByRole('article', { name: 'Headcount pages you' });
  await card.first().getByText('sent', { exact: true }).waitFor();
  const [link = ''] = /http:\S+\/ack\/[\w-]+/.exec(mail.text) ?? [];

  const phone = await openPage(browser, link, { width: 360, height: 780 });
  await shot(phone.page, 'ack-ask');
  expect(await overflow(phone.page)).toBe(0);
  // The button has the focus.
  await phone.page.keyboard.press('Enter');
  await phone.page.getByText('Acknowledged. Thank you.').waitFor();
  await shot(phone.page, 'ack-done');
  await phone.page.goto(link);
  await phone.page.getByText('was used already').waitFor();
  await card.first().getByText('Acknowledged by l…@example.com').waitFor();

  await page.getByLabel('Address').fill('gone@example.com');
  await page.keyboard.press('Enter');
  await card.first().getByText('failed', { exact: true }).waitFor();
  await card.first().getByText('Attempts: 1').click();
  await card.first().getByText('refused after').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-notifications');
  await page.getByText('Tiếng Việt').or(page.locator('[lang=vi]')).first().click();
  await page.getByRole('heading', { name: 'Thông báo', exact: true }).waitFor();
  await page.getByText('Gửi thông báo thử').first().waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'console-notifications-vi');
  expect(problems).toEqual([]);
  // A link that was used answers 410, which the browser notes.
  expect(phone.problems.filter((problem) => !problem.includes('410'))).toEqual([]);
});
