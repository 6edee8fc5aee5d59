/** A person checks the counting on clips, and says that a picture is right: real agent, camera, collector and browser. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRtspCamera, type RtspCamera } from '../lib/rtsp-camera.js';
import { CLIP_LINES, PIN, Stack } from '../lib/stack.js';
import { openBrowser, openPage, overflow, shot } from './browser.js';
import { storedRows } from './stored.js';

const CLIP = fileURLToPath(new URL('../../.cache/vtest.avi', import.meta.url));
const PHONE = { width: 360, height: 780 };

let stack: Stack;
let camera: RtspCamera;
let browser: Browser;
let page: Page;
let problems: string[];

async function logIn(): Promise<void> {
  await page.getByLabel('PIN of this gateway').fill(PIN);
  await page.keyboard.press('Enter');
}

beforeAll(async () => {
  stack = await Stack.create(mkdtempSync(join(tmpdir(), 'headcount-audit-')), {
    usualPorts: false,
    timeZone: 'Asia/Ho_Chi_Minh',
  });
  await stack.startCollector();
  camera = await startRtspCamera({ clip: CLIP });
  await stack.addGateway('lobby', [
    { id: 'door', name: 'Front door', url: camera.url, lines: CLIP_LINES.slice(0, 1) },
  ]);
  await stack.startAgent();
  browser = await openBrowser();
  ({ page, problems } = await openPage(browser, stack.statusUrl, PHONE));
  await logIn();
});

afterAll(async () => {
  await browser.close();
  await stack.stop();
  await camera.stop();
});

const rows = (query: string) => storedRows(stack, query);

describe('a person who checks the counting', () => {
  it('sees a clip with the line before anything is said about it', async () => {
    await page.getByTestId('audit').click();
    await page.getByTestId('audit-clip').waitFor({ timeout: 90_000 });
    const clip = page.getByTestId('audit-clip');
    expect(await clip.locator('image').getAttribute('href')).toMatch(/^\/api\/audit\/[0-9a-f-]+\/clip\.jpg$/);
    const list = await page.request.get(`${stack.statusUrl}/api/audit?camera=door`);
    expect(await list.text()).not.toMatch(/counted|stratum|machine/);
    expect(await page.getByTestId('audit-machine-in').count()).toBe(0);
    const frame = await clip.getAttribute('data-frame');
    await expect.poll(() => clip.getAttribute('data-frame')).not.toBe(frame);
    await shot(page, 'audit-clip');
    expect(await overflow(page)).toBe(0);
  });

  it('taps, sees what the machine counted, and the signed result reaches the collector', async () => {
    for (let tap = 0; tap < 3; tap++) await page.getByTestId('audit-in').click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByTestId('audit-in').getByText('You counted: 2').waitFor();
    for (let tap = 0; tap < 28; tap++) await page.getByTestId('audit-out').click();
    await page.getByTestId('audit-done').click();
    const result = page.getByTestId('audit-result');
    await result.waitFor();
    // Nobody crosses thirty times in eight seconds.
    expect(await result.getAttribute('data-same')).toBe('false');
    const machine = ['in', 'out'].map((way) => page.getByTestId(`audit-machine-${way}`).textContent());
    for (const counted of await Promise.all(machine)) expect(Number(counted)).toBeLessThan(10);
    await page.getByTestId('audit-summary').getByText('Lawn').waitFor();
    await shot(page, 'audit-result');
    expect(await overflow(page)).toBe(0);
    await expect
      .poll(() => rows('SELECT body FROM audit_clip'), { timeout: 20_000 })
      .toEqual([expect.stringContaining('"person":{"in":2,"out":28}')]);
  });

  it('counts the next clip with the keyboard, in Vietnamese', async () => {
    await page.getByTestId('language').click();
    await page.getByTestId('audit-next').click();
    await page.getByTestId('audit-in').waitFor({ timeout: 90_000 });
    // Sooner after one another than a picture is painted.
    await page.evaluate(async () => {
      for (const key of ['i', 'o', 'u']) {
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        await new Promise((resolve) => setTimeout(resolve));
      }
    });
    await page.getByTestId('audit-in').getByText('Bạn đếm: 1').waitFor();
    await page.getByTestId('audit-out').getByText('Bạn đếm: 0').waitFor();
    await shot(page, 'audit-vi');
    await page.locator('body').press('Enter');
    await page.getByTestId('audit-result').waitFor();
    await expect.poll(() => rows('SELECT count(*) FROM audit_clip'), { timeout: 20_000 }).toEqual([2]);
    expect(await overflow(page)).toBe(0);
    await page.getByTestId('language').click();
    expect(problems).toEqual([]);
  });
});

describe('a camera that was moved', () => {
  it('is told on the page, marks its counts, and is fine again when a person says so', async () => {
    await page.request.post(`${stack.statusUrl}/api/cameras/door/reference`);
    await stack.agent?.stop();
    const file = stack.file('agent/scene-door.json');
    const remembered = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...remembered, active: ['moved'] }));
    await stack.startAgent();
    await page.reload();
    await logIn();
    const note = page.getByTestId('scene');
    await note.getByText('The camera has moved').waitFor({ timeout: 30_000 });
    await page.getByText('Wrong picture: Front door').waitFor();
    await shot(page, 'scene-moved');
    expect(await overflow(page)).toBe(0);
    await page.getByTestId('accept-scene').click();
    await note.waitFor({ state: 'detached', timeout: 10_000 });
    await page.getByText('is learning what this picture looks like').waitFor();
    // A clean stop closes the minute that was counted in part from the wrong picture.
    await stack.agent?.stop();
    await expect
      .poll(() => rows('SELECT suspect FROM count_interval WHERE suspect IS NOT NULL'), { timeout: 20_000 })
      .toContain('["moved"]');
    expect(rows('SELECT active || accepted FROM scene_edge ORDER BY at')).toEqual([
      '[]1',
      '["moved"]0',
      '[]1',
    ]);
  });
});
