/**
 * A camera that is knocked and smeared while it streams, told in the minutes that this takes. Seven minutes, therefore only
 * on demand: HEADCOUNT_SOAK=1 npm test -- --project e2e scene-soak
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRtspCamera, type RtspCamera } from '../lib/rtsp-camera.js';
import { CLIP_LINES, PIN, Stack } from '../lib/stack.js';

const CLIP = fileURLToPath(new URL('../../.cache/vtest.avi', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'headcount-scene-'));

/** The clip as another camera position or another lens shows it. */
function madeClip(name: string, filter: string): string {
  const file = join(folder, `${name}.avi`);
  execFileSync('ffmpeg', ['-v', 'error', '-i', CLIP, '-vf', filter, '-c:v', 'mjpeg', '-q:v', '3', file]);
  return file;
}

describe.runIf(process.env['HEADCOUNT_SOAK'])('a camera that somebody knocks', () => {
  let stack: Stack;
  let camera: RtspCamera;
  let port = 0;

  beforeAll(async () => {
    stack = await Stack.create(folder, { usualPorts: false, timeZone: 'UTC' });
    await stack.startCollector();
    camera = await startRtspCamera({ clip: madeClip('straight', 'crop=720:552:0:0') });
    port = Number(new URL(camera.url).port);
    await stack.addGateway('lobby', [
      { id: 'door', name: 'Front door', url: camera.url, lines: CLIP_LINES.slice(0, 1) },
    ]);
    await stack.startAgent();
  });
  afterAll(async () => {
    await stack.stop();
    await camera.stop();
  });

  async function scene(): Promise<{ active: string[]; learning: boolean }> {
    const authorization = `Basic ${Buffer.from(`technician:${PIN}`).toString('base64')}`;
    const answer = await fetch(`${stack.statusUrl}/status`, { headers: { authorization } });
    const { cameras } = (await answer.json()) as {
      cameras: { scene: { active: string[]; learning: boolean } }[];
    };
    return cameras[0]?.scene ?? { active: [], learning: true };
  }

  async function show(clip: string): Promise<void> {
    await camera.stop();
    camera = await startRtspCamera({ clip, port });
  }

  const active = async () => (await scene()).active.join();

  it('learns its place, tells that it was moved and that it is back, and that it is out of focus', async () => {
    await expect.poll(scene, { timeout: 180_000, interval: 1000 }).toEqual({
      ...{ active: [], profile: 'day', learning: false },
    });
    await show(madeClip('moved', 'crop=720:552:46:24'));
    await expect.poll(active, { timeout: 150_000, interval: 1000 }).toBe('moved');
    await show(join(folder, 'straight.avi'));
    await expect.poll(active, { timeout: 90_000, interval: 1000 }).toBe('');
    await show(madeClip('blurred', 'crop=720:552:0:0,gblur=sigma=4'));
    await expect.poll(active, { timeout: 150_000, interval: 1000 }).toBe('defocused');
  }, 600_000);
});
