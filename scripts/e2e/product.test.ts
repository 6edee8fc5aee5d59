/** The whole product as a user meets it: real processes, a real RTSP camera, real pages in Chromium. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRtspCamera, type RtspCamera } from '../lib/rtsp-camera.js';
import { CLIP_LINES, CLIP_ZONES, PIN, Stack } from '../lib/stack.js';
import { openBrowser, openPage, overflow, shot } from './browser.js';

const CLIP = fileURLToPath(new URL('../../.cache/vtest.avi', import.meta.url));

let stack: Stack;
let camera: RtspCamera;
let browser: Browser;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-e2e-'));
  stack = await Stack.create(folder, { usualPorts: false, timeZone: 'Asia/Ho_Chi_Minh' });
  await stack.startCollector();
  camera = await startRtspCamera({ clip: CLIP });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  await stack.stop();
  await camera.stop();
});

describe('the console', () => {
  it('refuses a wrong password in words and tells an empty fleet what to do', async () => {
    const { page, problems } = await openPage(browser, stack.consoleUrl, { width: 1280, height: 800 });
    await page.getByLabel('User name').fill('admin');
    await page.locator('input[name=password]').fill('not the password');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').getByText('wrong user name or password').waitFor();
    await shot(page, 'login');
    await page.locator('input[name=password]').fill(stack.adminPassword);
    await page.keyboard.press('Enter');
    await page.getByTestId('no-gateway').getByText('headcount-collector gateway add').waitFor();
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('shows people being counted, live and stored, in English and Vietnamese', async () => {
    const geometry = { lines: CLIP_LINES, zones: CLIP_ZONES };
    await stack.addGateway('lobby', [{ id: 'door', name: 'Front door', url: camera.url, ...geometry }]);
    await stack.startAgent();
    const { page, problems } = await openPage(browser, stack.consoleUrl, { width: 1280, height: 800 });
    await page.getByLabel('User name').fill('admin');
    await page.locator('input[name=password]').fill(stack.adminPassword);
    await page.keyboard.press('Enter');
    const card = page.getByTestId('camera');
    await expect.poll(() => card.getAttribute('data-state'), { timeout: 30_000 }).toBe('streaming');
    const counted = async () => {
      const lines = await page.getByTestId('line-today').all();
      const values = await Promise.all(
        lines.flatMap((line) => [line.getAttribute('data-in'), line.getAttribute('data-out')]),
      );
      return values.reduce((sum, value) => sum + Number(value), 0);
    };
    await expect.poll(counted, { timeout: 40_000 }).toBeGreaterThan(0);
    const occupancy = () => page.getByTestId('zone').getAttribute('data-occupancy');
    await expect.poll(async () => Number(await occupancy()), { timeout: 40_000 }).toBeGreaterThan(0);
    await page.getByTestId('site').getByText('No closing time is set').waitFor();
    // A full minute is stored: then completeness is known and the chart has a bar.
    await page
      .getByText(/% of the day so far observed/)
      .first()
      .waitFor({ timeout: 90_000 });
    // The first stored minute may be a few seconds old only.
    await expect.poll(counted, { timeout: 60_000 }).toBeGreaterThan(3);
    await page.getByTestId('camera').getByText('Uptime is shown after a day of counting').waitFor();
    await page.getByTestId('chart').locator('canvas').waitFor();
    await page.getByTestId('live-badge').getByText('Live').waitFor();
    await shot(page, 'console');
    await page.getByText('Tiếng Việt').click();
    await page.getByText('Đang đếm').first().waitFor();
    await shot(page, 'console-vi');
    await page.setViewportSize({ width: 360, height: 780 });
    expect(await overflow(page)).toBe(0);
    const ranges = await page.getByRole('radiogroup').last().boundingBox();
    expect((ranges?.x ?? 0) + (ranges?.width ?? 999)).toBeLessThanOrEqual(360);
    await shot(page, 'console-phone');
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

describe('the status page', () => {
  it('asks for the PIN, then shows the live picture, counts and verdicts on a phone', async () => {
    const { page, problems } = await openPage(browser, stack.statusUrl, { width: 390, height: 844 });
    await page.getByLabel('PIN of this gateway').fill('999999');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('wrong PIN; 4 attempts left').waitFor();
    await page.getByLabel('PIN of this gateway').fill(PIN);
    await page.keyboard.press('Enter');
    await page.getByTestId('camera-card').waitFor();
    const width = () =>
      page.getByTestId('camera-picture').evaluate((image) => (image as HTMLImageElement).naturalWidth);
    await expect.poll(width, { timeout: 10_000 }).toBe(555);
    expect(await page.getByTestId('line-counts').count()).toBe(CLIP_LINES.length);
    const grades = await Promise.all(
      (await page.getByTestId('verdict').all()).map((verdict) => verdict.getAttribute('data-grade')),
    );
    expect(grades).toHaveLength(5);
    expect(grades).not.toContain('bad');
    expect(await overflow(page)).toBe(0);
    await shot(page, 'status');
    await page.getByTestId('language').click();
    await page.getByText('Tất cả camera đều có hình (1)').waitFor();
    expect(problems).toEqual([]);
    await page.context().close();
  });
});
