import { readdir, readlink } from 'node:fs/promises';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startRtspCamera } from '../../scripts/lib/rtsp-camera.js';
import type { Frame, Rect, SourceEnd, YuvImage } from '../src/camera/frame.js';
import type { DecodePreset } from '../src/config/camera-config.js';
import { createFfmpegSource, type FfmpegSourceOptions } from '../src/decoder/ffmpeg-source.js';
import { DecodeChoice } from '../src/decoder/hardware.js';
import { layoutOf, WHOLE_PICTURE } from '../src/decoder/layout.js';
import { ffmpegMajorVersion, probe, ProbeError } from '../src/decoder/probe.js';

const CLIP = new URL('../../.cache/vtest.avi', import.meta.url).pathname;
const ffmpegMajor = await ffmpegMajorVersion();

function options(url: string, change: Partial<FfmpegSourceOptions> = {}): FfmpegSourceOptions {
  return {
    url,
    credentials: undefined,
    layout: layoutOf(WHOLE_PICTURE, { width: 416, height: 416, fit: 'stretch' }),
    mask: [],
    fps: 10,
    ffmpegMajor,
    pace: 'newest',
    monotonic: () => performance.now(),
    logger: pino({ level: 'silent' }),
    ...change,
  };
}

/** Frame pipes that this process holds open. */
async function openPipes(): Promise<string[]> {
  const numbers = await readdir('/proc/self/fd');
  // The one that reads the folder is closed by now.
  const names = await Promise.all(numbers.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return names.filter((name) => name.includes('headcount-frames-'));
}

/** Run a source until `until` says so or it ends; gives how it ended. */
function run(
  source: ReturnType<typeof createFfmpegSource>,
  onFrame: (frame: Frame) => void,
): { ended: Promise<SourceEnd> } {
  let finish: (end: SourceEnd) => void = () => undefined;
  const ended = new Promise<SourceEnd>((resolve) => (finish = resolve));
  source.start({ onFrame, onEnd: (end) => finish(end) });
  onTestFinished(() => source.stop());
  return { ended };
}

describe('a file at the pace of every frame', () => {
  it('gives all 795 frames in order, however slow the consumer is', async () => {
    const source = createFfmpegSource(options(CLIP, { pace: 'every', fps: undefined }));
    const numbers: number[] = [];
    let sizes = '';
    const { ended } = run(source, (frame) => {
      numbers.push(frame.number);
      sizes = `${frame.width}x${frame.height} ${frame.picture.width}x${frame.picture.height}`;
      setImmediate(() => frame.release());
    });
    expect((await ended).cause).toBe('stream-ended');
    expect(numbers).toEqual(Array.from({ length: 795 }, (_, index) => index + 1));
    expect(sizes).toBe('555x416 416x416');
    expect(source.skipped).toBe(0);
  });

  it('leaves no pipe behind, whether it ended by itself or was stopped while nobody took its frames', async () => {
    const whole = createFfmpegSource(options(CLIP, { pace: 'every', fps: undefined }));
    await run(whole, (frame) => frame.release()).ended;
    const stopped = createFfmpegSource(options(CLIP, { pace: 'every', fps: undefined }));
    const held: Frame[] = [];
    const { ended } = run(stopped, (frame) => held.push(frame));
    await expect.poll(() => held.length, { timeout: 10_000 }).toBe(4);
    expect(await openPipes()).not.toEqual([]);
    await stopped.stop();
    expect((await ended).cause).toBe('stopped');
    expect(await openPipes()).toEqual([]);
  });

  it('shows the same scene in the picture and in the tiles, each part where it belongs', async () => {
    const layout = layoutOf({ region: undefined, tiles: '2x2' }, { width: 416, height: 416, fit: 'stretch' });
    const source = createFfmpegSource(options(CLIP, { pace: 'every', fps: undefined, layout }));
    const frame = await new Promise<Frame>((resolve) => run(source, resolve));
    expect(`${frame.width}x${frame.height} ${frame.views.length}`).toBe('576x432 4');
    for (const { image, area } of frame.views) {
      const part = cut(frame.picture, area);
      expect(Math.abs(meanOf(image) - meanOf(part))).toBeLessThan(2);
    }
    const means = frame.views.map(({ image }) => meanOf(image));
    expect(Math.max(...means) - Math.min(...means)).toBeGreaterThan(5);
  });
});

function meanOf({ y, width, height, strideY }: YuvImage): number {
  let sum = 0;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) sum += y[row * strideY + column] ?? 0;
  return sum / (width * height);
}

function cut(image: YuvImage, area: Rect): YuvImage {
  const offset = Math.round(area.y) * image.strideY + Math.round(area.x);
  return { ...image, y: image.y.subarray(offset), width: Math.round(area.w), height: Math.round(area.h) - 1 };
}

describe('a camera over RTSP', () => {
  it('gives about ten frames a second and counts what a busy consumer misses', async () => {
    const camera = await startRtspCamera({ clip: CLIP });
    onTestFinished(() => camera.stop());
    const source = createFfmpegSource(options(camera.url));
    const held: Frame[] = [];
    const times: number[] = [];
    run(source, (frame) => {
      times.push(frame.at);
      if (held.length < 4 && times.length > 30) held.push(frame);
      else frame.release();
    });
    await expect.poll(() => times.length, { timeout: 20_000 }).toBe(34);
    const span = (times[29] ?? 0) - (times[9] ?? 0);
    expect(20_000 / span).toBeGreaterThan(7);
    expect(20_000 / span).toBeLessThan(13);
    await expect.poll(() => source.skipped, { timeout: 10_000 }).toBeGreaterThan(3);
    for (const frame of held) frame.release();
    await expect.poll(() => times.length, { timeout: 10_000 }).toBeGreaterThan(34);
    await source.stop();
  });

  it('is declared silent when the server freezes', async () => {
    const camera = await startRtspCamera({ clip: CLIP });
    onTestFinished(() => camera.stop());
    const source = createFfmpegSource(options(camera.url));
    let frames = 0;
    const { ended } = run(source, (frame) => {
      frames += 1;
      frame.release();
    });
    await expect.poll(() => frames, { timeout: 15_000 }).toBeGreaterThan(5);
    process.kill(camera.pid, 'SIGSTOP');
    const end = await ended;
    process.kill(camera.pid, 'SIGCONT');
    expect(end.cause).toBe('silent');
  }, 40_000);

  const failures: readonly [string, (url: string) => string, SourceEnd['cause']][] = [
    ['a wrong password', (url) => url, 'unauthorized'],
    ['a wrong path', (url) => url.replace('/door', '/cellar'), 'not-found'],
    ['a closed port', () => 'rtsp://127.0.0.1:9/door', 'refused'],
  ];
  it.each(failures)('says why: %s', async (_, change, cause) => {
    const camera = await startRtspCamera({ clip: CLIP, user: 'viewer', password: 'right' });
    onTestFinished(() => camera.stop());
    const password = cause === 'unauthorized' ? 'wrong-secret' : 'right';
    const source = createFfmpegSource(
      options(change(camera.url), { credentials: { user: 'viewer', password } }),
    );
    const { ended } = run(source, (frame) => frame.release());
    const end = await ended;
    expect(end.cause).toBe(cause);
    expect(end.detail).not.toContain(password);
  });

  it('is decoded in software when hardware is configured that is not there', async () => {
    const camera = await startRtspCamera({ clip: CLIP });
    onTestFinished(() => camera.stop());
    const firstFrame = async (preset: DecodePreset) => {
      const decode = new DecodeChoice({ preset, exists: () => false });
      const source = createFfmpegSource(options(camera.url, { decode }));
      await new Promise<void>((resolve) =>
        run(source, (frame) => {
          frame.release();
          resolve();
        }),
      );
      return `${preset}: ${decode.used}, ${decode.fellBack}`;
    };
    expect(await Promise.all((['vaapi', 'cuda', 'qsv', 'v4l2m2m'] as const).map(firstFrame))).toEqual([
      'vaapi: software, true',
      'cuda: software, true',
      'qsv: software, true',
      'v4l2m2m: software, true',
    ]);
  });

  it('can be probed, and a probe says why it failed', async () => {
    const camera = await startRtspCamera({ clip: CLIP });
    onTestFinished(() => camera.stop());
    const info = await probe({ url: camera.url, credentials: undefined }, ffmpegMajor);
    expect(info).toMatchObject({ codec: 'h264', width: 768, height: 576 });
    const failed = probe({ url: 'rtsp://127.0.0.1:9/door', credentials: undefined }, ffmpegMajor);
    await expect(failed).rejects.toMatchObject({ name: 'ProbeError', reason: 'refused' });
    await expect(failed).rejects.toBeInstanceOf(ProbeError);
  });
});
