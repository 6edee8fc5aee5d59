import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** Pictures to look at; only written on demand, so that a test run changes no file of the project. */
const SHOTS = process.env['HEADCOUNT_SCREENSHOTS'];

/** Debian's Chromium; nothing but the pages under test may talk to the network. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page that notes everything that goes wrong in it, also when it asks another origin. */
export async function openPage(
  browser: Browser,
  origin: string,
  viewport: { width: number; height: number },
  options: BrowserContextOptions = {},
): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ viewport, locale: 'en-GB', ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
      problems.push(`asked ${request.url()}`);
  });
  page.on('console', (message) => {
    const expected = /401 \(Unauthorized\)|ERR_ABORTED/.test(message.text());
    if (message.type() === 'error' && !expected) problems.push(message.text());
  });
  await page.goto(origin);
  return { page, problems };
}

/** Pixels by which a page is wider than its window. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Keep a picture of the page where somebody wants to look at it. */
export async function shot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}
