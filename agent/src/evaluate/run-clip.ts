import type { Box, Direction } from '@headcount/shared';
import type { Logger } from 'pino';
import type { Frame, YuvImage } from '../camera/frame.js';
import type { CameraConfig } from '../config/config.js';
import { toPixels } from '../counter/polygon.js';
import { createZoneCounter, type Visit, type ZoneCounter } from '../counter/zone-counter.js';
import { createFfmpegSource } from '../decoder/ffmpeg-source.js';
import { layoutOf, WHOLE_PICTURE } from '../decoder/layout.js';
import { openDetector } from '../detector/choose-precision.js';
import type { Detector } from '../detector/detector.js';
import { EVERYBODY } from '../detector/person-filter.js';
import { FrameCounter } from '../pipeline/frame-counter.js';
import { PersonCounter } from '../pipeline/person-counter.js';
import type { Track } from '../tracker/track.js';
import { LOW_SCORE_SHARE } from '../tracker/tracker.js';
import { createArrivalClock, createSampler } from './clip-clock.js';
import type { ClipInfo } from './clip-info.js';
import { eachFrame, FrameStreamError } from './frame-stream.js';
import type { Placement } from './placement.js';

/** CPU threads of one inference. */
const THREADS = 2;
/** Longer than any counter waits for somebody who is out of sight: after it all visits have ended (ms). */
const LONG_AFTER_MS = 60_000;

/** What of a camera's configuration says what is looked at. */
export type CameraLook = Pick<CameraConfig, 'region' | 'tiles' | 'masks' | 'person' | 'motionGate'>;

/** The whole picture and everybody in it. */
export const LOOK_AT_ALL: CameraLook = { ...WHOLE_PICTURE, ...EVERYBODY, motionGate: true };

/** How a clip is counted. */
export interface RunOptions {
  readonly clip: ClipInfo;
  readonly placement: Placement;
  /** What of the picture is looked at. */
  readonly look: CameraLook;
  readonly model: string;
  /** See {@link openDetector}. */
  readonly precision: 'auto' | 'fp32' | 'int8';
  /** Least score that starts a track, 0 to 1. */
  readonly threshold: number;
  /** Most frames per second; undefined for every frame. */
  readonly fps: number | undefined;
  /** `real`: a file at its own speed, frames dropped when the machine is too slow, as at a camera. */
  readonly speed: 'max' | 'real';
  /** Time of the last frame that is wanted (ms of the clip); Infinity for all. */
  readonly untilMs: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Called once per counted frame, in order; the next frame waits for it. */
  readonly onFrame: (outcome: FrameOutcome) => Promise<void> | void;
}

/** A counted crossing: frame numbers of the clip, from 1, interpolated. */
export interface CountedCrossing {
  /** Position in {@link Placement.lines}. */
  readonly line: number;
  readonly frame: number;
  readonly track: number;
  readonly direction: Direction;
}

/** A counted visit: frame numbers of the clip, from 1, interpolated. */
export interface CountedVisit {
  /** Position in {@link Placement.zones}. */
  readonly zone: number;
  readonly track: number;
  readonly from: number;
  readonly to: number;
}

/** What counting made of one frame. Boxes are in pixels of `width` x `height`. */
export interface FrameOutcome {
  /** From 1. */
  readonly frame: number;
  readonly width: number;
  readonly height: number;
  /** Detections at or above the threshold. */
  readonly detections: readonly Box[];
  readonly tracks: readonly Track[];
  /** Confirmed tracks that were seen in this frame. */
  readonly people: readonly { readonly id: number; readonly box: Box }[];
  readonly crossings: readonly CountedCrossing[];
  /** People in each zone, in the order of the placement. */
  readonly occupancy: readonly number[];
  readonly visits: readonly CountedVisit[];
  /** Valid until the call that got this outcome is over. */
  readonly picture: YuvImage;
}

/** How a run went. */
export interface RunResult {
  /** Visits that were open at the end. */
  readonly visits: readonly CountedVisit[];
  /** SHA-256 of the model file. */
  readonly modelHash: string;
  readonly counted: number;
  /** Frames that the sampled rate asked for and the machine was too slow for. */
  readonly dropped: number;
  /** Number of the last counted frame. */
  readonly lastFrame: number;
}

/**
 * Count a clip with the live pipeline's own parts; the only place of the evaluation that knows them. It starts at the
 * clip's beginning, so that tracks are warm where scoring begins.
 * @throws FrameStreamError, DetectorError
 */
export async function runClip(options: RunOptions): Promise<RunResult> {
  const { clip, model, threshold, logger, signal } = options;
  const wanted = {
    model,
    family: 'auto',
    threads: THREADS,
    threshold: threshold * LOW_SCORE_SHARE,
    logger,
  } as const;
  const { detector } = await openDetector(wanted, options.precision);
  try {
    const counting = new Counting(options, detector);
    const every = !clip.live && options.speed === 'max';
    const source = createFfmpegSource({
      url: clip.url,
      credentials: clip.credentials,
      layout: layoutOf(options.look, detector.input),
      mask: options.look.masks.privacy,
      fps: undefined,
      ffmpegMajor: clip.ffmpegMajor,
      pace: every ? 'every' : 'newest',
      monotonic: () => performance.now(),
      logger,
    });
    const sample = createSampler(options.fps);
    const arrival = createArrivalClock(clip.fps);
    const timeOf = ({ number, at }: Frame) => (clip.live ? arrival(number, at) : clip.clock.timeOf(number));
    const { dropped } = await eachFrame({
      source,
      every,
      signal,
      timeOf,
      wanted: (ms) => (ms > options.untilMs ? 'enough' : sample(ms) ? 'take' : 'leave'),
      handle: (frame, ms) => counting.count(frame, ms),
    });
    if (counting.counted === 0) throw new FrameStreamError(`${clip.url} has no frames`);
    const { counted, lastFrame } = counting;
    const skipped = every ? 0 : source.skipped;
    return {
      visits: counting.finish(),
      modelHash: detector.modelHash,
      counted,
      lastFrame,
      dropped: dropped + skipped,
    };
  } finally {
    await detector.close();
  }
}

/** Detector, tracker and counters of one run. */
class Counting {
  counted = 0;
  lastFrame = 0;
  private readonly options: RunOptions;
  private readonly people: FrameCounter;
  private zones: readonly ZoneCounter[] = [];
  private lastMs = 0;

  constructor(options: RunOptions, detector: Detector) {
    this.options = options;
    const lines = options.placement.lines.map(({ config }) => config);
    this.people = new FrameCounter({
      detector,
      counter: new PersonCounter({ lines, highScore: options.threshold }),
      filter: options.look,
      motionGate: options.look.motionGate,
    });
  }

  /** @param at time of the frame since the first one (ms) */
  async count(frame: Frame, at: number): Promise<void> {
    const { clip, threshold, placement, onFrame } = this.options;
    const { width, height } = frame;
    const { tracks, crossings, detections } = await this.people.count(frame, at);
    const zones = this.zonesFor(frame).map((zone) => zone.update(tracks, at));
    this.counted += 1;
    this.lastMs = at;
    this.lastFrame = Math.round(clip.clock.frameAt(at));
    await onFrame({
      frame: this.lastFrame,
      width,
      height,
      detections: detections.filter(({ score }) => score >= threshold).map(({ box }) => box),
      tracks,
      people: tracks.filter(({ state, seenAt }) => state === 'confirmed' && seenAt === at),
      crossings: crossings.map(({ line, track, direction, at: ms }) => ({
        line: placement.lines.findIndex(({ config }) => config.id === line),
        frame: clip.clock.frameAt(ms),
        track,
        direction,
      })),
      occupancy: zones.map(({ occupancy }) => occupancy),
      visits: zones.flatMap(({ ended }, zone) => ended.map((visit) => this.inFrames(visit, zone))),
      picture: frame.picture,
    });
  }

  /** Let everybody leave; gives the visits that were still open. */
  finish(): CountedVisit[] {
    return this.zones.flatMap((counter, zone) =>
      counter.update([], this.lastMs + LONG_AFTER_MS).ended.map((visit) => this.inFrames(visit, zone)),
    );
  }

  private zonesFor({ width, height }: { width: number; height: number }): readonly ZoneCounter[] {
    const { zones } = this.options.placement;
    if (this.zones.length < zones.length) {
      this.zones = zones.map(({ config: { id, polygon, anchor, capacity } }) =>
        createZoneCounter({
          id,
          polygon: toPixels(polygon, { width, height }),
          anchor,
          ...(capacity === undefined ? {} : { capacity }),
        }),
      );
    }
    return this.zones;
  }

  private inFrames({ track, from, to }: Visit, zone: number): CountedVisit {
    const { frameAt } = this.options.clip.clock;
    return { zone, track, from: frameAt(from), to: frameAt(Math.min(to, this.lastMs)) };
  }
}
