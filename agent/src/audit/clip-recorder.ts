import type { Direction } from '@headcount/shared';
import type { Logger } from 'pino';
import type { Frame } from '../camera/frame.js';
import type { LineConfig } from '../config/camera-config.js';
import { anchorOf } from '../counter/anchor.js';
import { distanceToPath, toPixels } from '../counter/polygon.js';
import type { Detection } from '../detector/detector.js';
import type { Track } from '../tracker/track.js';
import { LineWindows, WINDOW_MS, type Window } from './line-windows.js';
import { clipSize, shrink } from './shrink.js';
import type { ClipFrame } from './strip.js';

/** About four pictures a second show which way people walk (ms); a little less than a multiple of usual frame times. */
const FRAME_MS = 240;
/** Most pictures kept: bounds the memory to about 6 MB a camera, should time stamps be wrong. */
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
    // A clock that stepped back or a new picture size makes what was kept useless.
    const size = clipSize(frame);
    if (last !== undefined && (at < last.at || last.image.height !== size.height)) this.frames = [];
    else if (last !== undefined && at - last.at < FRAME_MS) return;
    const [across, down] = [size.width / frame.width, size.height / frame.height];
    const people = [...tracks, ...detections].map(({ box: { x, y, w, h } }) => ({
      x: x * across,
      y: y * down,
      w: w * across,
      h: h * down,
    }));
    this.frames = [...this.frames, { at, image: shrink(frame.picture, size), people }]
      .filter((kept) => at - kept.at <= WINDOW_MS)
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
