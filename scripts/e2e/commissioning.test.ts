/** What a technician does with a phone in front of a gateway: real agent, real RTSP cameras, Chromium with touch. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRtspCamera, type RtspCamera } from '../lib/rtsp-camera.js';
import { CLIP_ZONES, PIN, Stack } from '../lib/stack.js';
import { openBrowser, openPage, overflow, shot } from './browser.js';
import { storedRows } from './stored.js';

const CLIP = fileURLToPath(new URL('../../.cache/vtest.avi', import.meta.url));
const PHONE = { width: 360, height: 780 };

let stack: Stack;
let camera: RtspCamera;
let browser: Browser;
let page: Page;
let problems: string[];

beforeAll(async () => {
  stack = await Stack.create(mkdtempSync(join(tmpdir(), 'headcount-technician-')), {
    usualPorts: false,
    timeZone: 'Asia/Ho_Chi_Minh',
  });
  await stack.startCollector();
  camera = await startRtspCamera({ clip: CLIP });
  await stack.addGateway('lobby', [
    { id: 'door', name: 'Front door', url: camera.url, lines: [], zones: CLIP_ZONES },
    { id: 'yard', name: 'Yard', url: 'rtsp://127.0.0.1:9/yard', lines: [], zones: CLIP_ZONES },
  ]);
  await stack.startAgent();
  browser = await openBrowser();
  ({ page, problems } = await openPage(browser, stack.statusUrl, PHONE, { hasTouch: true, isMobile: true }));
  await page.getByLabel('PIN of this gateway').fill(PIN);
  await page.keyboard.press('Enter');
});

afterAll(async () => {
  await browser.close();
  await stack.stop();
  await camera.stop();
});

/** Drag a corner of the chosen shape to a place in fractions of the picture. */
async function drag(index: number, [x, y]: readonly [number, number]): Promise<void> {
  const box = await page.locator('.canvas').boundingBox();
  const corner = await page.getByTestId('corner').nth(index).boundingBox();
  if (box === null || corner === null) throw new Error('the picture is not shown');
  await page.mouse.move(corner.x + corner.width / 2, corner.y + corner.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 4 });
  await page.mouse.up();
}

const rows = (query: string) => storedRows(stack, query);

describe('a technician with a phone', () => {
  it('reads which camera is dead and what to do about it', async () => {
    const verdict = (subject: string) => page.locator(`[data-testid=verdict][data-subject=${subject}]`);
    await expect
      .poll(() => verdict('camera').getAttribute('data-code'), { timeout: 30_000 })
      .toBe('camera-bad');
    await verdict('camera').getByText('Without picture: Yard').waitFor({ timeout: 30_000 });
    await expect
      .poll(() => verdict('counting').getAttribute('data-grade'), { timeout: 30_000 })
      .not.toBe('unknown');
    expect(await verdict('uplink').getAttribute('data-grade')).toBe('good');
    const yard = page.getByTestId('camera-card').filter({ hasText: 'Yard' });
    await yard.getByText('Check its RTSP port').waitFor({ timeout: 30_000 });
  });

  it('draws a line by touch, sees the gateway count with it, and the collector knows it', async () => {
    const door = page.getByTestId('camera-card').filter({ hasText: 'Front door' });
    await door.getByTestId('draw').click();
    await page.getByTestId('draw-panel').waitFor();
    await page.getByTestId('add-line').click();
    await drag(0, [0.39, 0.26]);
    await drag(1, [0.39, 0.83]);
    await page.getByLabel('Name', { exact: true }).fill('Lawn');
    await page.getByLabel('Name of "in"').fill('west');
    await shot(page, 'status-drawing');
    expect(await overflow(page)).toBe(0);
    await page.getByTestId('save-drawing').click();
    const line = page.locator('[data-testid=line-counts]');
    await line.getByText('Lawn').waitFor({ timeout: 20_000 });
    const counted = async () =>
      Number(await line.getAttribute('data-in')) + Number(await line.getAttribute('data-out'));
    await expect.poll(counted, { timeout: 90_000 }).toBeGreaterThan(0);
    await shot(page, 'status-phone');
    await expect
      .poll(() => rows("SELECT name FROM line WHERE camera = 'door' AND present = 1"), { timeout: 10_000 })
      .toEqual(['Lawn']);
  });

  it('keeps the zone that was there, and says what is wrong with a drawing', async () => {
    const door = page.getByTestId('camera-card').filter({ hasText: 'Front door' });
    await door.getByTestId('draw').click();
    await page.getByTestId('draw-panel').getByRole('button', { name: 'Square', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Lawn', exact: true }).click();
    await page.getByLabel('Name', { exact: true }).fill('');
    await page.getByTestId('save-drawing').click();
    await page.getByRole('alert').getByText('lines.0.name').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(problems.splice(0)).toEqual([expect.stringContaining('422')]);
  });

  it('walks over the line, and the signed result reaches the collector', async () => {
    const door = page.getByTestId('camera-card').filter({ hasText: 'Front door' });
    await door.getByTestId('walk-test').click();
    await page.getByTestId('walk-start').click();
    const counted = async () => {
      const values = ['in', 'out'].map((way) => page.getByTestId(`counted-${way}`).textContent());
      return (await Promise.all(values)).reduce((sum, value) => sum + Number(value), 0);
    };
    await expect.poll(counted, { timeout: 90_000 }).toBeGreaterThan(0);
    for (let tap = 0; tap < 40; tap++) await page.getByTestId('walk-in').click();
    await shot(page, 'status-walk');
    await page.getByTestId('walk-finish').click();
    await page.getByTestId('walk-result').getByText('you walked 40 in, 0 out').waitFor();
    await expect
      .poll(() => rows("SELECT detail FROM gateway_event WHERE event = 'walk-test'"), { timeout: 20_000 })
      .toEqual([expect.stringContaining('"passed":false')]);
  });

  it('finds the drawing again after a restart of the agent', async () => {
    await stack.agent?.stop();
    await stack.startAgent();
    // The live picture was cut.
    problems.length = 0;
    await page.reload();
    await page.getByLabel('PIN of this gateway').fill(PIN);
    await page.keyboard.press('Enter');
    await page.locator('[data-testid=line-counts]').getByText('Lawn').waitFor({ timeout: 30_000 });
    await page.getByTestId('language').click();
    await page.getByText('Vẽ vạch và vùng').first().waitFor({ timeout: 30_000 });
    expect(await overflow(page)).toBe(0);
    await shot(page, 'status-phone-vi');
    expect(problems).toEqual([]);
  });
});
