/** On-call as a person meets it: real collector, Chromium, a phone, the keyboard, two languages. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newCode } from '../../collector/src/oncall/contacts.js';
import { saveSchedule, saveTeam } from '../../collector/src/oncall/teams.js';
import type { Rotation } from '../../collector/src/schema/oncall.js';
import { addUser } from '../../collector/src/security/users.js';
import { inTransaction, openStore, type Store } from '../../collector/src/store/store.js';
import type { Stack } from '../lib/stack.js';
import { openPage, overflow, shot } from './browser.js';
import { logIn, startConsole } from './console.js';

const PASSWORD = 'a horse that counts';
const DAY = 24 * 3_600_000;

let stack: Stack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startConsole('oncall', { gateways: [] }));
  await withStore(setUp);
});

afterAll(() => stop());

async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(stack.file('collector/collector.sqlite'));
  try {
    return await work(store);
  } finally {
    await store.destroy();
  }
}

/** Level 2 has nobody on Saturdays, and nobody has a contact. */
async function setUp(store: Store): Promise<void> {
  const now = Date.now();
  const members = ['lan', 'minh', 'hoa', 'binh'];
  for (const username of members)
    await addUser(store, { username, password: PASSWORD, role: 'operator', mustChange: false }, now);
  await inTransaction(store, (trx) => saveTeam(trx, 'ops', { title: 'Operations', members }, now));
  const start = `${new Date(now - 10 * DAY).toISOString().slice(0, 10)}T09:00`;
  const always = '00:00-24:00';
  const weekdays = { mon: always, tue: always, wed: always, thu: always, fri: always, sun: always };
  const rotation = (change: Partial<Rotation>): Rotation => ({
    ...{ kind: 'days', length: 2, start, members: ['hoa', 'minh'], hours: null },
    ...change,
  });
  const levels = [
    rotation({}),
    rotation({ kind: 'weeks', length: 1, hours: weekdays }),
    rotation({ members: ['binh'] }),
    rotation({ members: ['binh'] }),
  ];
  for (const [index, one] of levels.entries()) {
    const key = { team: 'ops', level: (index + 1) as 1 | 2 | 3 | 4 };
    const schedule = { timeZone: 'Asia/Ho_Chi_Minh', rotations: [one] };
    await inTransaction(store, (trx) => saveSchedule(trx, key, schedule, now));
  }
}

async function openOnCall(page: Page, username: string): Promise<void> {
  await logIn(page, PASSWORD, username);
  await page.getByRole('link', { name: 'On call' }).click();
  await page.getByTestId('days').waitFor();
}

it('a person sees who is on call, takes over the shift with the keyboard, and verifies a contact', async () => {
  const { page, problems } = await openPage(browser, stack.consoleUrl, { width: 1200, height: 900 });
  await openOnCall(page, 'lan');
  const card = page.getByTestId('duty-ops-1');
  expect(await card.textContent()).toMatch(/(minh|hoa).*until .*GMT\+7.*then (hoa|minh)/);
  expect(await page.locator('[data-gap]').count()).toBeGreaterThanOrEqual(2);
  expect(await page.getByTestId('gaps').textContent()).toContain('nobody is on call from');
  await shot(page, 'on-call');

  await card.getByRole('button', { name: 'I take this shift' }).press('Enter');
  // The field for the reason has the focus: whoever takes over writes on.
  await page.keyboard.type('minh is ill');
  await page.keyboard.press('Enter');
  await page.getByText('You are on call then').waitFor();
  await card.getByText('lan (you)').waitFor();
  await page.getByText('lan stands in from').waitFor();

  const contacts = page.getByRole('region', { name: 'Where you can be reached' });
  await contacts.getByLabel('Address').fill('lan');
  await contacts.getByRole('button', { name: 'Add contact' }).click();
  await contacts.getByText('must be an e-mail address, such as lan@example.com').waitFor();
  await contacts.getByLabel('Address').fill('lan@example.com');
  await contacts.getByRole('button', { name: 'Add contact' }).click();
  await contacts.getByText('not verified', { exact: true }).waitFor();
  await contacts.getByRole('button', { name: 'Send a code' }).click();
  await contacts.getByText('not sent: no channel is set up for email').waitFor();
  const code = await withStore(async (store) => {
    const { id } = await store.selectFrom('user_contact').select('id').executeTakeFirstOrThrow();
    return (await newCode(store, { id, username: 'lan' }, Date.now())).code;
  });
  await contacts.getByRole('textbox', { name: /^Code/ }).fill(code === '111111' ? '222222' : '111111');
  await contacts.getByRole('button', { name: 'Verify' }).click();
  await contacts.getByText('code: is wrong').waitFor();
  await shot(page, 'on-call-contact');
  await contacts.getByRole('textbox', { name: /^Code/ }).fill(code);
  await contacts.getByRole('textbox', { name: /^Code/ }).press('Enter');
  await contacts.getByText('verified', { exact: true }).waitFor();
  await card.getByText('cannot be reached').waitFor({ state: 'detached' });

  await card.getByRole('button', { name: 'Write a hand-over note' }).click();
  await page.keyboard.type('The lobby camera was cleaned.');
  await card.getByRole('button', { name: 'Save the note' }).click();
  await card.getByText('Hand-over note of lan').waitFor();

  const feeds = page.getByRole('region', { name: 'In your calendar program' });
  await feeds.getByRole('button', { name: 'Make an address' }).click();
  const address = (await feeds.getByTestId('feed').textContent()) ?? '';
  expect(await (await fetch(address)).text()).toContain('SUMMARY:On call: lan (Operations\\, L1)');
  await page.getByRole('button', { name: 'Take back' }).first().click();
  await card.getByText('lan (you)').waitFor({ state: 'detached' });
  // The answers that say what was wrong: 400 for the address, 503 for the code that was not sent, 403 for the wrong one.
  expect(problems.filter((text) => !/status of (400|403|503)/.test(text))).toEqual([]);
});

it('it fits a phone, shows four weeks, and speaks Vietnamese', async () => {
  const { page, problems } = await openPage(browser, stack.consoleUrl, { width: 360, height: 780 });
  await openOnCall(page, 'hoa');
  expect(await page.getByTestId('days').getByRole('row').count()).toBe(15);
  await page.getByText('28 days').click();
  await page.getByTestId('days').getByRole('row').nth(28).waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'on-call-phone');
  await page.getByTestId('language').getByText('Tiếng Việt').click();
  await page.getByText('Ai đang trực').waitFor();
  await page.getByText('Kỹ sư trực').first().waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'on-call-phone-vi');
  expect(problems).toEqual([]);
});
