/** Somebody counts at a door, on a desk with the keyboard and on a phone: real collector, real broker, Chromium. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bucketAt, daysBefore } from '../../collector/src/counts/zone.js';
import { countRecord, TestGateway } from '../../collector/test/_util/gateway.js';
import type { Stack } from '../lib/stack.js';
import { openPage, overflow, shot } from './browser.js';
import { logIn, startConsole } from './console.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ZONE = 'Asia/Ho_Chi_Minh';

let stack: Stack;
let browser: Browser;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, browser, stop } = await startConsole('tally'));
});

afterAll(() => stop());

/** A console whose clock can be put forward, so that nobody waits for whole minutes: it begins so much before the collector's. */
async function openAccuracy(ago: number, options: Parameters<typeof openPage>[3] & { width: number }) {
  const { width, ...rest } = options;
  const { page, problems } = await openPage(browser, stack.consoleUrl, { width, height: 780 }, rest);
  await page.clock.install();
  await page.route('**/api/v1/accuracy', async (route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as { now: number };
    await route.fulfill({ response, json: { ...answer, now: answer.now - ago } });
  });
  await logIn(page, stack.adminPassword);
  await page.getByRole('link', { name: 'Accuracy' }).click();
  await page.getByTestId('line-accuracy').first().waitFor();
  return { page, problems };
}

/** What the browser remembers of the tally. */
async function remembered(page: Page): Promise<{ startsAt: number; endsAt: number; clockOffset: number }> {
  return page.evaluate(
    () => JSON.parse(localStorage.getItem('headcount-tally') ?? '') as Awaited<ReturnType<typeof remembered>>,
  );
}

/** Put the clock of the page forward to a moment of the tally's clock. */
async function forwardTo(page: Page, at: number): Promise<void> {
  const { clockOffset } = await remembered(page);
  const now = await page.evaluate(() => Date.now());
  await page.clock.fastForward(at - (now + clockOffset));
}

const phase = (page: Page, name: string) => page.locator(`[data-testid=tally][data-phase=${name}]`).waitFor();

it('a live tally is counted with the keyboard, survives a reload, is sent, waits for the counts and is compared', async () => {
  const gateway = await TestGateway.connect(
    `mqtt://127.0.0.1:${stack.ports.mqtt}`,
    'lobby',
    stack.gatewayPassword,
  );
  await gateway.sayHello();
  const { page, problems } = await openAccuracy(30 * MINUTE, { width: 1000 });
  await page.getByRole('button', { name: 'Count at the door' }).focus();
  await page.keyboard.press('Enter');
  await phase(page, 'before');
  const { startsAt } = await remembered(page);
  expect(startsAt % MINUTE).toBe(0);
  await page.keyboard.press('i');
  await shot(page, 'tally-before');
  await forwardTo(page, startsAt + 10_000);
  await phase(page, 'counting');
  for (const key of ['ArrowUp', 'i', 'I', 'o', 'ArrowDown', 'o']) await page.keyboard.press(key);
  await page.keyboard.press('Backspace');
  await expect.poll(() => page.getByTestId('tally-total-in').textContent()).toBe('3');
  expect(await page.getByTestId('tally-total-out').textContent()).toBe('2');
  expect(await page.getByTestId('line-accuracy').count()).toBe(0);

  await page.reload();
  await phase(page, 'counting');
  expect(await page.getByTestId('tally-total-in').textContent()).toBe('3');
  await forwardTo(page, startsAt + MINUTE + 20_000);
  await page.keyboard.press('ArrowUp');
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('The last minute').waitFor();
  await page.keyboard.press('ArrowUp');
  await shot(page, 'tally-desk');
  await forwardTo(page, startsAt + 2 * MINUTE);
  await phase(page, 'over');
  await page.getByText('5 in and 2 out in 2 min').waitFor();
  await page.getByTestId('tally').getByLabel('Light').selectOption('day');
  await page.getByLabel('Note').fill('by the left wing');
  await shot(page, 'tally-review');
  await page.getByRole('button', { name: 'Send' }).click();
  const card = page.getByTestId('manual-audit');
  await card.getByText('Waiting for the counts').waitFor();

  await gateway.deliver(1, [
    countRecord(startsAt, { in: 3, out: 1 }),
    countRecord(startsAt + MINUTE, { in: 3 }),
  ]);
  await page.clock.fastForward(11_000);
  await card.getByText('2 min compared. Person: 5 in, 2 out; machine: 6 in, 1 out').waitFor();
  await card.getByText('1 missed, 1 too many, 0 turned round').waitFor();
  await page.reload();
  await page.getByText('7 crossings (clips: 0, counts by people: 1)').waitFor();
  await shot(page, 'accuracy-desk');
  expect(problems).toEqual([]);

  // Imported rows are refused with everything that is wrong, or stored.
  const file = async (csv: string) =>
    page.locator('input[type=file]').setInputFiles({
      ...{ name: 'counts.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) },
    });
  await file('from,to,in,out\n2026-03-02T10:00,2026-03-02T10:15Z,3,x\n');
  await page.getByText('row 2, from: is not a time with its offset').waitFor();
  await gateway.deliver(3, [countRecord(startsAt + 2 * MINUTE, { in: 2 })]);
  const iso = (minutes: number) => new Date(startsAt + minutes * MINUTE).toISOString();
  await file(`from,to,in,out\n${iso(2)},${iso(3)},2,0\n`);
  await page.getByText('1 rows stored, 0 were known.').waitFor();
  const imported = card.filter({ hasText: 'imported by admin' });
  await imported.getByRole('button', { name: 'Remove' }).click();
  await imported.getByRole('button', { name: 'Yes, remove' }).click();
  await imported.waitFor({ state: 'detached' });
  expect(await card.count()).toBe(1);
});

it('a live tally is counted with thumbs on a phone, in Vietnamese', async () => {
  const { page, problems } = await openAccuracy(10 * MINUTE, { width: 360, hasTouch: true, isMobile: true });
  await page.getByText('Tiếng Việt').tap();
  await page.getByRole('button', { name: 'Đếm tại cửa' }).tap();
  await phase(page, 'before');
  expect(await overflow(page)).toBe(0);
  await shot(page, 'tally-phone-before-vi');
  const { startsAt } = await remembered(page);
  await forwardTo(page, startsAt + 5000);
  await phase(page, 'counting');
  await page.getByTestId('tally-in').tap();
  await page.getByTestId('tally-in').tap();
  await page.getByTestId('tally-out').tap();
  await page.getByRole('button', { name: 'Hoàn tác' }).tap();
  await expect.poll(() => page.getByTestId('tally-total-in').textContent()).toBe('2');
  expect(await page.getByTestId('tally-total-out').textContent()).toBe('0');
  for (const direction of ['in', 'out']) {
    const box = await page.getByTestId(`tally-${direction}`).boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThan(130);
    // Both are in reach without scrolling.
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(780);
  }
  expect(await overflow(page)).toBe(0);
  await shot(page, 'tally-phone-vi');
  await forwardTo(page, startsAt + MINUTE + 5000);
  await page.getByTestId('tally-out').tap();
  await page.getByRole('button', { name: 'Dừng' }).tap();
  await page.getByRole('button', { name: 'Dừng ngay, bỏ phút này' }).tap();
  await phase(page, 'over');
  await page.getByText('2 vào và 0 ra trong 1 phút').waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'tally-phone-review-vi');
  await page.getByRole('button', { name: 'Gửi' }).tap();
  await page.getByText('admin đếm tại cửa').first().waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'accuracy-phone-vi');
  expect(problems).toEqual([]);
});

it('says in words and numbers what looks wrong between audits, in both languages', async () => {
  await stack.addGateway('yard', []);
  const url = `mqtt://127.0.0.1:${stack.ports.mqtt}`;
  const gateway = await TestGateway.connect(url, 'yard', stack.gatewayPassword);
  await gateway.sayHello();
  const today = bucketAt(ZONE, 'day', Date.now()).start;
  const records = [1, 8, 15, 22].flatMap((days) =>
    Array.from({ length: 24 }, (_, hour) => {
      const counted = days === 1 ? { in: 40, stitched: 20 } : { in: 10 };
      const start = daysBefore(ZONE, today, days) + hour * HOUR;
      return countRecord(start, { lengthMs: HOUR, observedMs: HOUR, ...counted });
    }),
  );
  await gateway.deliver(1, records);
  const { page, problems } = await openAccuracy(0, { width: 360 });
  const risks = page.getByTestId('risks');
  await risks.getByText('50.0 % of 960 crossings rest on two tracks').waitFor();
  await risks
    .getByText('960 crossings on the last day; 240 ± 72 are usual on this weekday (3 weeks).')
    .waitFor();
  expect(await overflow(page)).toBe(0);
  await shot(page, 'accuracy-risks');
  await page.getByText('Tiếng Việt').click();
  await risks.getByText('960 lượt qua trong ngày gần nhất').waitFor();
  expect(await overflow(page)).toBe(0);
  expect(problems).toEqual([]);
});
