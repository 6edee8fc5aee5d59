import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { Stack } from '../lib/stack.js';
import { openBrowser } from './browser.js';

/** A collector with its console, and a browser to open it in. */
export interface Console {
  readonly stack: Stack;
  readonly browser: Browser;
  readonly stop: () => Promise<void>;
}

/** What a test of the console's pages may choose. */
export interface ConsoleOptions {
  /** Gateways that are added before the browser opens. */
  readonly gateways?: readonly string[];
  /** With TLS listeners. */
  readonly tls?: boolean;
}

/** Start a collector for a test file, in the zone of Ho Chi Minh City. */
export async function startConsole(
  name: string,
  { gateways = ['lobby'], tls = false }: ConsoleOptions = {},
): Promise<Console> {
  const folder = mkdtempSync(join(tmpdir(), `headcount-${name}-`));
  const stack = await Stack.create(folder, { usualPorts: false, timeZone: 'Asia/Ho_Chi_Minh', tls });
  await stack.startCollector();
  for (const gateway of gateways) await stack.addGateway(gateway, []);
  const browser = await openBrowser();
  const stop = async () => {
    await browser.close();
    await stack.stop();
  };
  return { stack, browser, stop };
}

/** Fill the login page in and send it. */
export async function logIn(page: Page, password: string, username = 'admin'): Promise<void> {
  await page.getByLabel('User name').fill(username);
  await page.locator('input[name=password]').fill(password);
  await page.keyboard.press('Enter');
}
