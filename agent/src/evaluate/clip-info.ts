import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isRtsp } from '../decoder/ffmpeg-options.js';
import { ffmpegMajorVersion, probe } from '../decoder/probe.js';
import { recordedClock, steadyClock, type ClipClock } from './clip-clock.js';

/** Frame rate of a clip that does not say its own. */
const DEFAULT_FPS = 10;
/** Time stamps of 100 hours at 30 fps take 200 MB of text; more is no clip for an evaluation. */
const MAX_PROBE_BYTES = 2 ** 28;

/** Where the frames come from. */
export interface ClipSource {
  /** Path of a video file, or rtsp:// without credentials. */
  readonly url: string;
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
}

/** What is known of a clip before it is counted. */
export interface ClipInfo extends ClipSource {
  readonly live: boolean;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames per second of the clip. */
  readonly fps: number;
  /** Frames of a file; undefined for a camera, which has no end. */
  readonly frames: number | undefined;
  readonly clock: ClipClock;
  readonly ffmpegMajor: number;
}

/**
 * Look at a clip or a camera.
 * @param truth frame rate instead of what the stream says, and the number of a camera's first frame
 * @throws ProbeError
 */
export async function readClip(
  source: ClipSource,
  truth: { readonly fps: number | undefined; readonly startFrame: number | undefined },
): Promise<ClipInfo> {
  const ffmpegMajor = await ffmpegMajorVersion();
  const info = await probe(source, ffmpegMajor);
  const rate = truth.fps ?? info.fps ?? DEFAULT_FPS;
  const live = isRtsp(source.url);
  const times = live ? [] : await frameTimes(source.url);
  return {
    ...source,
    live,
    width: info.width,
    height: info.height,
    fps: rate,
    frames: live ? undefined : times.length,
    clock: clockOf(times, rate, live ? truth.startFrame : undefined),
    ffmpegMajor,
  };
}

function clockOf(times: readonly number[], fps: number, startFrame: number | undefined): ClipClock {
  const recorded = times.length > 0 && times.every(Number.isFinite);
  return recorded ? recordedClock(times, fps) : steadyClock(fps, startFrame);
}

/** Time stamps of a file's frames, ascending, in ms; NaN for a frame that has none. */
async function frameTimes(file: string): Promise<number[]> {
  const args = [
    '-v',
    'error',
    '-select_streams',
    'v:0',
    '-show_entries',
    'packet=pts_time',
    '-of',
    'csv=p=0',
  ];
  const { stdout } = await promisify(execFile)('ffprobe', [...args, file], { maxBuffer: MAX_PROBE_BYTES });
  return stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => Number.parseFloat(line) * 1000)
    .sort((a, b) => a - b);
}
