import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startRtspCamera } from '../../scripts/lib/rtsp-camera.js';
import type { Frame, SourceEnd } from '../src/camera/frame.js';
import { createFfmpegSource, type FfmpegSourceOptions } from '../src/decoder/ffmpeg-source.js';
import { ffmpegMajorVersion, probe, ProbeError } from '../src/decoder/probe.js';

const CLIP = new URL('../../.cache/vtest.avi', import.meta.url).pathname;
const ffmpegMajor = await ffmpegMajorVersion();

function options(url: string, change: Partial<FfmpegSourceOptions> = {}): FfmpegSourceOptions {
  return {
    url,
    credentials: undefined,
    input: { width: 416, height: 416 },
    fps: 10,
    ffmpegMajor,
    pace: 'newest',
    monotonic: () => performance.now(),
    logger: pino({ level: 'silent' }),
    ...change,
  };
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
      sizes = `${frame.width}x${frame.height} ${frame.input.width}x${frame.input.height}`;
      setImmediate(() => frame.release());
    });
    expect((await ended).cause).toBe('stream-ended');
    expect(numbers).toEqual(Array.from({ length: 795 }, (_, index) => index + 1));
    expect(sizes).toBe('576x432 416x416');
    expect(source.skipped).toBe(0);
  });

  it('shows the same scene in the picture and in the model input', async () => {
    const source = createFfmpegSource(options(CLIP, { pace: 'every', fps: undefined }));
    const means = await new Promise<{ picture: number; input: number }>((resolve) => {
      run(source, (frame) => {
        const { data, width, height, stride } = frame.input;
        let sum = 0;
        for (let y = 0; y < height; y++) for (let x = 0; x < width * 3; x++) sum += data[y * stride + x] ?? 0;
        const picture = frame.picture.reduce((total, byte) => total + byte, 0) / frame.picture.length;
        resolve({ picture, input: sum / (width * height * 3) });
      });
    });
    expect(means.picture).toBeGreaterThan(40);
    expect(Math.abs(means.picture - means.input)).toBeLessThan(1);
  });
});

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
