import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { redactUrls } from '@headcount/shared';
import ffmpeg from 'fluent-ffmpeg';
import type { SourceEnd, StreamInfo } from '../camera/frame.js';
import { classifyEnd } from './classify.js';
import { addressOf, inputOptions } from './ffmpeg-options.js';

/** The camera could not be looked at; `reason` says why in the words of a source's end. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
  readonly code = 'PROBE_FAILED';
  readonly reason: SourceEnd['cause'];

  constructor(reason: SourceEnd['cause'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The main number of the installed ffmpeg's version; distribution builds without a number count as new. */
export async function ffmpegMajorVersion(): Promise<number> {
  const { stdout } = await promisify(execFile)('ffmpeg', ['-version']);
  return Number(/^ffmpeg version n?(\d+)\./.exec(stdout)?.[1] ?? 5);
}

/**
 * Ask a camera or a file what it sends.
 * @throws ProbeError
 */
export async function probe(
  request: { url: string; credentials: { user: string; password: string } | undefined },
  ffmpegMajor: number,
): Promise<StreamInfo> {
  const options = inputOptions({ ...request, realTime: false, ffmpegMajor }).filter(
    (option) => option !== '-nostdin',
  );
  const data = await new Promise<ffmpeg.FfprobeData>((resolve, reject) => {
    ffmpeg.ffprobe(addressOf(request), options, (error: unknown, found) => {
      if (error === null || error === undefined) {
        resolve(found);
        return;
      }
      const text = redactUrls(error instanceof Error ? error.message : 'ffprobe failed');
      const reason = classifyEnd([text], true);
      reject(new ProbeError(reason, lastWords(text)));
    });
  });
  const video = data.streams.find((stream) => stream.codec_type === 'video');
  if (video?.width === undefined || video.height === undefined) {
    throw new ProbeError('unsupported-stream', 'the stream has no video');
  }
  return {
    codec: video.codec_name ?? 'unknown',
    width: video.width,
    height: video.height,
    fps: rate(video.r_frame_rate),
  };
}

function rate(text: string | undefined): number | null {
  const [frames = 0, seconds = 1] = (text ?? '').split('/').map(Number);
  const value = frames / seconds;
  return Number.isFinite(value) && value > 0 && value < 1000 ? Math.round(value * 100) / 100 : null;
}

function lastWords(text: string): string {
  return text.trim().split('\n').at(-1) ?? text;
}
