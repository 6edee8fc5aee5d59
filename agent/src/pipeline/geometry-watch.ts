import type { Box, Point } from '@headcount/shared';
import type { LineConfig, ZoneConfig } from '../config/camera-config.js';
import type { Advice } from '../counter/advice.js';
import { anchorOf } from '../counter/anchor.js';
import { adviseFps, adviseLine, adviseZone, requiredFps, roomBeside } from '../counter/line-advice.js';
import { distanceInside, distanceToPath, toPixels } from '../counter/polygon.js';
import { BAND, SETTLE_MS } from '../counter/settled-side.js';
import type { Track } from '../tracker/track.js';

/** Heights are taken so often (ms): the same person a few times, not on every frame. */
const SAMPLE_MS = 1000;
/** Heights kept per line or zone and for the picture, and how many it takes before they say anything. */
const MAX_HEIGHTS = 200;
const MIN_HEIGHTS = 20;
/** People so near a line or zone are those who cross it (body heights). */
const NEAR = 1.5;

/** What is to be done about one line or zone. */
export interface GeometryAdvice {
  readonly id: string;
  /** Frames per second that it needs; null when no rate is enough, or for a zone. */
  readonly neededFps: number | null;
  /** Empty when all is well. */
  readonly advice: readonly Advice[];
}

/** Advice for everything drawn on one camera. */
export interface CameraAdvice {
  readonly lines: readonly GeometryAdvice[];
  readonly zones: readonly GeometryAdvice[];
}

/** Learns how tall people are near each line and zone of a camera, and says what should be drawn differently. */
export class GeometryWatch {
  private readonly lines: readonly LineConfig[];
  private readonly zones: readonly ZoneConfig[];
  private readonly configuredFps: number;
  private size: { width: number; height: number } | undefined;
  private readonly heights = new Map<LineConfig | ZoneConfig, number[]>();
  /** Anybody in the picture, for lines where people are not seen because they lie at its edge. */
  private anywhere: Box[] = [];
  private sampledAt = -Infinity;

  constructor(options: { lines: readonly LineConfig[]; zones: readonly ZoneConfig[]; fps: number }) {
    this.lines = options.lines;
    this.zones = options.zones;
    this.configuredFps = options.fps;
  }

  /** @param frame size in pixels and monotonic time in ms of the frame that the tracks come from */
  see(frame: { width: number; height: number; at: number }, tracks: readonly Track[]): void {
    if (frame.at - this.sampledAt < SAMPLE_MS) return;
    this.sampledAt = frame.at;
    const { width, height } = frame;
    if (width !== this.size?.width || height !== this.size.height) {
      this.heights.clear();
      this.anywhere = [];
    }
    this.size = { width, height };
    const seen = tracks.filter((track) => track.state === 'confirmed' && track.seenAt === frame.at);
    this.anywhere = [...this.anywhere, ...seen.map(({ box }) => box)].slice(-MAX_HEIGHTS);
    for (const line of this.lines) {
      const path = pathOf(line, this.size);
      this.sample(line, seen, (anchor) => distanceToPath(path, anchor));
    }
    for (const zone of this.zones) {
      const polygon = toPixels(zone.polygon, this.size);
      this.sample(zone, seen, (anchor) => -distanceInside(polygon, anchor));
    }
  }

  /** @param measuredFps frames counted per second; undefined while that is not known */
  advice(measuredFps: number | undefined): CameraAdvice {
    return {
      lines: this.lines.map((line) => this.lineAdvice(line, measuredFps)),
      zones: this.zones.map((zone) => ({
        id: zone.id,
        neededFps: null,
        advice:
          this.size === undefined
            ? []
            : adviseZone({ polygon: toPixels(zone.polygon, this.size), personHeight: this.height(zone) }),
      })),
    };
  }

  private lineAdvice(line: LineConfig, measured: number | undefined): GeometryAdvice {
    const personHeight = this.height(line) ?? this.expectedHeight(line);
    const rate = { band: BAND, settleMs: SETTLE_MS };
    const configured = this.configuredFps;
    if (this.size === undefined || personHeight === undefined) {
      // Before anybody was seen: with enough room the needed rate does not depend on how tall people are.
      const needed = requiredFps({ personHeight: 1, ...rate });
      return { id: line.id, neededFps: rounded(needed), advice: adviseFps({ needed, configured, measured }) };
    }
    const geometry = { path: pathOf(line, this.size), frame: this.size };
    const needed = requiredFps({ personHeight, room: roomBeside(geometry), ...rate });
    return {
      id: line.id,
      neededFps: rounded(needed),
      advice: [
        ...adviseLine({ ...geometry, personHeight, anchor: line.anchor }),
        ...adviseFps({ needed, configured, measured }),
      ],
    };
  }

  private sample(
    of: LineConfig | ZoneConfig,
    tracks: readonly Track[],
    distanceFrom: (anchor: Point) => number,
  ): void {
    const heights = this.heights.get(of) ?? [];
    for (const track of tracks)
      if (distanceFrom(anchorOf(track.box, of.anchor)) <= NEAR * track.box.h) heights.push(track.box.h);
    this.heights.set(of, heights.slice(-MAX_HEIGHTS));
  }

  /** On level ground people are the taller the lower in the picture they stand, in proportion. */
  private expectedHeight({ from, via, to, anchor }: LineConfig): number | undefined {
    if (this.size === undefined || this.anywhere.length < MIN_HEIGHTS) return undefined;
    const ys = [from, ...via, to].map(([, y]) => y);
    const middle = (this.size.height * (Math.min(...ys) + Math.max(...ys))) / 2;
    return heightAt(
      middle,
      this.anywhere.map((box) => ({ y: anchorOf(box, anchor).y, h: box.h })),
    );
  }

  private height(of: LineConfig | ZoneConfig): number | undefined {
    const heights = this.heights.get(of) ?? [];
    if (heights.length < MIN_HEIGHTS) return undefined;
    return [...heights].sort((a, b) => a - b)[Math.floor(heights.length / 2)];
  }
}

function rounded(fps: number): number | null {
  return Number.isFinite(fps) ? Math.ceil(fps * 10) / 10 : null;
}

/** Least squares of height over the place in the picture, nowhere beyond the heights that were seen. */
function heightAt(y: number, samples: readonly { readonly y: number; readonly h: number }[]): number {
  const mean = (pick: (sample: { y: number; h: number }) => number) =>
    samples.reduce((sum, sample) => sum + pick(sample), 0) / samples.length;
  const middle = { y: mean((sample) => sample.y), h: mean((sample) => sample.h) };
  const spread = mean((sample) => (sample.y - middle.y) ** 2);
  const slope = spread === 0 ? 0 : mean((sample) => (sample.y - middle.y) * (sample.h - middle.h)) / spread;
  const heights = samples.map(({ h }) => h);
  return Math.min(Math.max(middle.h + slope * (y - middle.y), Math.min(...heights)), Math.max(...heights));
}

function pathOf({ from, via, to }: LineConfig, size: { width: number; height: number }): Point[] {
  return toPixels([from, ...via, to], size);
}
