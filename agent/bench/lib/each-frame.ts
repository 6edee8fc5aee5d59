import type { Logger } from 'pino';
import type { Frame } from '../../src/camera/frame.js';
import { createFfmpegSource } from '../../src/decoder/ffmpeg-source.js';
import { layoutOf, WHOLE_PICTURE, type ModelInput } from '../../src/decoder/layout.js';
import { ffmpegMajorVersion } from '../../src/decoder/probe.js';

/** Every frame of a clip, one after the other; valid until `take` is over. */
export async function eachFrame(
  { clip, input, logger }: { clip: string; input: ModelInput; logger: Logger },
  take: (frame: Frame) => Promise<void> | void,
): Promise<void> {
  const source = createFfmpegSource({
    url: clip,
    credentials: undefined,
    layout: layoutOf(WHOLE_PICTURE, input),
    mask: [],
    fps: undefined,
    ffmpegMajor: await ffmpegMajorVersion(),
    pace: 'every',
    monotonic: () => performance.now(),
    logger,
  });
  let work = Promise.resolve();
  await new Promise<void>((resolve) => {
    source.start({
      onFrame: (frame) => {
        work = work.then(async () => {
          await take(frame);
          frame.release();
        });
      },
      onEnd: () => resolve(),
    });
  });
  await work;
}
