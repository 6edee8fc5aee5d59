/** What a technician does with a phone in front of a gateway: real agent, real RTSP cameras, Chromium with touch. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnvifDevice } from '../lib/onvif-device.js';
import { startRtspCamera, type RtspCamera } from '../lib/rtsp-camera.js';
import { CLIP_ZONES, PIN, Stack } from '../lib/stack.js';
import { openBrowser, openPage, overflow, shot } from './browser.js';
import { storedRows } from './stored.js';

const CLIP = fileURLToPath(new URL('../../.cache/vtest.avi', import.meta.url));
/** Of the camera that is counted, and of its ONVIF service. */
const LOGIN = { user: 'viewer', password: 'swordfish-of-the-door' };
const PHONE = { width: 360, height: 780 };

let stack: Stack;
let camera: RtspCamera;
let device: OnvifDevice;
let browser: Browser;
let page: Page;
let problems: string[];

beforeAll(async () => {
  stack = await Stack.create(mkdtempSync(join(tmpdir(), 'headcount-technician-')), {
    usualPorts: false,
    timeZone: 'Asia/Ho_Chi_Minh',
  });
  await stack.startCollector();
  camera = await startRtspCamera({ clip: CLIP, ...LOGIN });
  const streams = [{ name: 'main', url: camera.url }];
  device = await OnvifDevice.start({ name: 'Loading dock', model: 'C-7', ...LOGIN, streams });
  const credentialsFile = stack.file('camera-login');
  writeFileSync(credentialsFile, `${LOGIN.user}:${LOGIN.password}\n`);
  await stack.addGateway('lobby', [
    { id: 'door', name: 'Front door', url: camera.url, credentialsFile, lines: [], zones: CLIP_ZONES },
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
  await device.stop();
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

function running(): NonNullable<Stack['agent']> {
  if (stack.agent === undefined) throw new Error('the agent does not run');
  return stack.agent;
}

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

  it('finds the cameras of the network, reads their streams and looks at one', async () => {
    const tools = page.getByTestId('discovery');
    await tools.getByTestId('find').click();
    const found = tools.getByTestId('device').filter({ hasText: 'Loading dock' });
    await found.click({ timeout: 15_000 });
    // It has the address of both cameras that are counted.
    await found.getByText('counted as Front door, Yard').waitFor();
    await tools.getByLabel('User of the camera').fill(LOGIN.user);
    await tools.getByLabel('Password of the camera').fill('guess');
    await tools.getByTestId('ask-streams').click();
    await tools.getByRole('alert').getByText('Wrong user or password').waitFor({ timeout: 15_000 });
    await tools.getByLabel('Password of the camera').fill(LOGIN.password);
    await tools.getByTestId('ask-streams').click();
    await tools.getByTestId('streams').getByRole('button', { name: 'main' }).click({ timeout: 15_000 });
    await tools.getByTestId('probe').click();
    await tools.getByTestId('probe-result').getByText('h264, 768 x 576 pixels').waitFor({ timeout: 15_000 });
    await shot(page, 'status-discovery');
    expect(await overflow(page)).toBe(0);
    await tools.getByLabel('RTSP address').fill('rtsp://127.0.0.1:9/door');
    await tools.getByTestId('probe').click();
    await tools.getByTestId('probe-problem').getByText('Check its RTSP port').waitFor({ timeout: 15_000 });
    expect(problems.splice(0)).toEqual([expect.stringContaining('502'), expect.stringContaining('502')]);
  });

  it('tests the way to the collector, step by step, also when it is gone', async () => {
    const panel = page.getByTestId('self-test');
    const outcomes = async () => {
      const steps = panel.getByTestId('step');
      return steps.evaluateAll((items) => items.map((item) => item.getAttribute('data-code')));
    };
    await panel.getByTestId('self-test-run').click();
    await panel.getByText('The way to the collector is fine.').waitFor({ timeout: 25_000 });
    expect(await outcomes()).toMatchObject({
      0: 'dns-not-needed',
      2: 'tcp-fine',
      3: 'tls-not-used',
      4: 'login-fine',
      5: 'round-trip-fine',
    });
    await shot(page, 'status-self-test');
    await stack.collector?.stop();
    await page.getByTestId('language').click();
    await panel.getByTestId('self-test-run').click();
    await panel.getByText('Đường tới máy chủ thu thập bị chặn').waitFor({ timeout: 25_000 });
    expect(await outcomes()).toMatchObject({ 2: 'tcp-refused', 3: 'earlier', 4: 'earlier', 5: 'earlier' });
    await shot(page, 'status-self-test-vi');
    expect(await overflow(page)).toBe(0);
    await page.getByTestId('language').click();
    await stack.startCollector();
  });

  it('takes the diagnostics file, which holds no secret', async () => {
    const download = page.waitForEvent('download');
    await page.getByTestId('diagnostics').click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/^headcount-lobby-\d{8}T\d{6}Z\.tar\.gz$/);
    const folder = mkdtempSync(join(tmpdir(), 'headcount-bundle-'));
    await file.saveAs(join(folder, 'bundle.tar.gz'));
    execFileSync('tar', ['-xzf', 'bundle.tar.gz', '--strip-components=1'], { cwd: folder });
    const names = readdirSync(folder).filter((name) => name !== 'bundle.tar.gz');
    expect(names.sort()).toEqual([
      'README.txt',
      'cameras.json',
      'config.json',
      'log.ndjson',
      'metrics.txt',
      'outbox.json',
      'status.json',
      'versions.json',
    ]);
    const text = names.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
    expect(text).toContain('"gateway": "lobby"');
    expect(text).toContain('looked at a stream');
    for (const secret of [PIN, stack.gatewayPassword, LOGIN.password]) expect(text).not.toContain(secret);
  });

  it('keeps every secret: no answer and no log holds one', async () => {
    const secrets = [PIN, stack.gatewayPassword, stack.adminPassword, LOGIN.password].flatMap((secret) => [
      secret,
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    ]);
    secrets.push(Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64'));
    const paths = ['/', '/status', '/metrics', '/healthz', '/api/walk-test', '/api/audit?camera=door'];
    paths.push('/api/cameras/door/geometry', '/api/cameras/nowhere/geometry', '/nowhere');
    const answers = await Promise.all(paths.map((path) => page.request.get(stack.statusUrl + path)));
    const asked = await Promise.all([
      page.request.post(`${stack.statusUrl}/api/self-test`),
      page.request.post(`${stack.statusUrl}/api/discovery/streams`, {
        data: { service: device.service, login: LOGIN },
      }),
      page.request.post(`${stack.statusUrl}/api/discovery/probe`, {
        data: { url: `rtsp://${LOGIN.user}:${LOGIN.password}@127.0.0.1/x` },
      }),
    ]);
    const texts = await Promise.all([...answers, ...asked].map((answer) => answer.text()));
    const headers = [...answers, ...asked].map((answer) => JSON.stringify(answer.headers()));
    const logs = ['agent.log', 'collector.log'].map((name) => readFileSync(stack.file(name), 'utf8'));
    expect(texts[1]).toContain('"gateway":"lobby"');
    for (const text of [...texts, ...headers, ...logs])
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });

  it('is told that the gateway does not answer, and since when', async () => {
    const { pid } = running();
    process.kill(pid, 'SIGSTOP');
    await page.getByTestId('connection-lost').waitFor({ timeout: 20_000 });
    await shot(page, 'status-lost');
    process.kill(pid, 'SIGCONT');
    await page.getByTestId('connection-lost').waitFor({ state: 'detached', timeout: 20_000 });
    problems.length = 0;
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
