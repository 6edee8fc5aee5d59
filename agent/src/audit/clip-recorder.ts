import type { Direction } from '@headcount/shared';
import type { Logger } from 'pino';
import type { Frame, YuvImage } from '../camera/frame.js';
import type { LineConfig } from '../config/camera-config.js';
import { anchorOf } from '../counter/anchor.js';
import { distanceToPath, toPixels } from '../counter/polygon.js';
import type { Detection } from '../detector/detector.js';
import { packedBytes, packImage } from '../detector/pixels.js';
import type { Track } from '../tracker/track.js';
import { BEFORE_MS, LineWindows, WINDOW_MS, type Window } from './line-windows.js';
import type { ClipFrame } from './strip.js';

/** About four pictures a second show which way people walk (ms); a little less than a multiple of usual frame times. */
const FRAME_MS = 240;
/** Most pictures kept: bounds the memory to 11 MB a camera while somebody is near a line; 4 MB while nobody is. */
const MAX_FRAMES = Math.ceil(WINDOW_MS / FRAME_MS) + 2;
/** A clip of fewer pictures shows nobody walking. */
const LEAST_FRAMES = 6;
/** Whoever is this near to a line might cross it (body heights). */
const NEAR = 1;

/** One counted frame with what was seen in it. */
export interface Sight {
  readonly frame: Frame;
  readonly tracks: readonly Track[];
  readonly detections: readonly Detection[];
  /** UTC ms, as are the times of the crossings. */
  readonly at: number;
  readonly crossings: readonly {
    readonly line: string;
    readonly direction: Direction;
    readonly at: number;
  }[];
}

/** A clip that could be kept: nothing of it is encoded yet. */
export interface ClipDraft {
  readonly camera: string;
  readonly line: LineConfig;
  readonly window: Window;
  readonly frames: readonly ClipFrame[];
}

/** Keeps the last seconds of one camera in memory and offers the stretches in which somebody was near a line. */
export class ClipRecorder {
  private readonly camera: string;
  private readonly lines: readonly { config: LineConfig; windows: LineWindows }[];
  private readonly offer: (draft: ClipDraft) => void;
  private readonly logger: Logger;
  private frames: ClipFrame[] = [];

  constructor(options: {
    camera: { readonly id: string; readonly lines: readonly LineConfig[] };
    offer: (draft: ClipDraft) => void;
    logger: Logger;
  }) {
    this.camera = options.camera.id;
    this.lines = options.camera.lines.map((config) => ({ config, windows: new LineWindows() }));
    this.offer = options.offer;
    this.logger = options.logger;
  }

  /** Take a counted frame; its bytes are copied. Never throws: an audit must not stop counting. */
  see(sight: Sight): void {
    if (this.lines.length === 0) return;
    try {
      this.keep(sight);
      for (const { config, windows } of this.lines) {
        const crossings = sight.crossings.filter(({ line }) => line === config.id);
        for (const window of windows.update(sight.at, isNear(sight, config), crossings))
          this.finish(config, window);
      }
    } catch (error) {
      this.logger.error({ err: error, camera: this.camera }, 'audit clip failed');
    }
  }

  private keep({ frame, tracks, detections, at }: Sight): void {
    const last = this.frames.at(-1);
    // A clock that stepped back or another picture size makes what was kept useless.
    if (last !== undefined && (at < last.at || last.width !== frame.width || last.height !== frame.height))
      this.frames = [];
    else if (last !== undefined && at - last.at < FRAME_MS) return;
    const { width, height } = frame;
    const people = [...tracks, ...detections].map(({ box }) => box);
    const longest = this.lines.some(({ windows }) => windows.busy) ? WINDOW_MS : BEFORE_MS;
    this.frames = [...this.frames, { at, picture: copyOf(frame.picture), width, height, people }]
      .filter((kept) => at - kept.at <= longest)
      .slice(-MAX_FRAMES);
  }

  private finish(line: LineConfig, window: Window): void {
    const frames = this.frames.filter(({ at }) => at >= window.from && at <= window.to);
    if (frames.length < LEAST_FRAMES) return;
    this.offer({ camera: this.camera, line, window, frames });
  }
}

function isNear({ frame, tracks }: Sight, { from, via, to, anchor }: LineConfig): boolean {
  const path = toPixels([from, ...via, to], frame);
  return tracks.some(
    ({ state, box }) => state !== 'lost' && distanceToPath(path, anchorOf(box, anchor)) <= NEAR * box.h,
  );
}

/** A copy that may be kept when the frame is gone; copying is all that a frame costs as long as no clip is due. */
function copyOf(picture: YuvImage): YuvImage {
  const { width, height } = picture;
  const pixels = width * height;
  const bytes = new Uint8Array(packedBytes(picture));
  packImage(picture, bytes);
  const [y, u, v] = [
    bytes.subarray(0, pixels),
    bytes.subarray(pixels, pixels * 1.25),
    bytes.subarray(pixels * 1.25),
  ];
  return { y, u, v, width, height, strideY: width, strideUv: width / 2 };
}
