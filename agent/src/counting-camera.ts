import type { CameraRecord, LiveCamera } from '@headcount/shared';
import { Camera } from './camera/camera.js';
import type { FrameSource } from './camera/frame.js';
import type { AgentConfig, CameraConfig } from './config/config.js';
import { toPixels } from './counter/polygon.js';
import { openIntervalSchema, Tally } from './counter/tally.js';
import type { Detector } from './detector/detector.js';
import type { LeftOpen } from './outbox/outbox.js';
import { drawPicture, plainPicture } from './picture/draw.js';
import { CameraPipeline, type PipelineOptions } from './pipeline/camera-pipeline.js';
import { FrameCounter } from './pipeline/frame-counter.js';
import { PersonCounter } from './pipeline/person-counter.js';
import type { CameraStatus, LineStatus, PictureKind, ZoneStatus } from './status/agent-status.js';

/** What one counting camera is made of. */
export interface CountingCameraOptions extends Pick<PipelineOptions, 'journal' | 'clock' | 'logger'> {
  readonly detector: Detector;
  readonly config: AgentConfig;
  readonly camera: CameraConfig;
  /** What the outbox holds as this camera's open interval. */
  readonly open: LeftOpen | undefined;
  readonly openSource: () => FrameSource;
  readonly monotonic: () => number;
  readonly random: () => number;
}

/** A camera with its pipeline: connected, counted, and described for people. */
export class CountingCamera {
  readonly id: string;
  readonly pipeline: CameraPipeline;
  private readonly options: CountingCameraOptions;
  private readonly camera: Camera;
  private since: number;

  constructor(options: CountingCameraOptions) {
    const { config, camera, detector, journal, clock, logger, open } = options;
    this.options = options;
    this.id = camera.id;
    this.since = clock.at();
    const identity = {
      camera: camera.id,
      lines: camera.lines.map(({ id }) => id),
      zones: camera.zones.map(({ id }) => id),
      configVersion: config.version,
      modelHash: detector.modelHash,
    };
    const tally = new Tally(
      identity,
      clock.at(),
      open === undefined ? undefined : openIntervalSchema.parse(JSON.parse(open.state)),
    );
    this.pipeline = new CameraPipeline({
      camera: camera.id,
      fps: camera.fps,
      lines: camera.lines,
      zones: camera.zones,
      counter: new FrameCounter({
        detector,
        counter: new PersonCounter({ lines: camera.lines, highScore: config.detector.threshold }),
        filter: camera,
        motionGate: camera.motionGate,
      }),
      tally,
      journal,
      clock,
      logger,
      resumed: open !== undefined,
      before:
        open !== undefined && (open.stamp !== undefined || !clock.certain)
          ? { stamp: open.stamp }
          : undefined,
    });
    this.camera = new Camera({
      id: camera.id,
      enabled: camera.enabled,
      openSource: options.openSource,
      onFrame: (frame) => this.pipeline.offer(frame),
      onState: () => this.stateChanged(),
      monotonic: options.monotonic,
      random: options.random,
      logger,
    });
  }

  start(): void {
    this.pipeline.start();
    this.camera.start();
  }

  /** No frame comes after this. */
  stopCamera(): Promise<void> {
    return this.camera.stop();
  }

  /** True while the camera is connected, waits for its next attempt, or is switched off. */
  get cameraMoves(): boolean {
    return this.camera.moves;
  }

  /** Never-reset totals of a line, crossings of the open interval included. */
  totals(line: string): { readonly in: number; readonly out: number } | undefined {
    return this.pipeline.live(false).lines.find(({ id }) => id === line)?.totals;
  }

  status(): CameraStatus {
    const { camera, clock, monotonic, detector } = this.options;
    const { state, cause, detail, retryAt } = this.camera.edge;
    const live = this.pipeline.live(false);
    return {
      id: camera.id,
      name: camera.name,
      state,
      cause,
      detail,
      since: this.since,
      retryAt: retryAt === null ? null : clock.at(Math.max(retryAt, monotonic())),
      fps: { configured: camera.fps, measured: Math.round(live.fps * 10) / 10 },
      frames: { processed: this.pipeline.processed, skipped: this.pipeline.skipped + this.camera.skipped },
      lastFrameAt: this.pipeline.view()?.at ?? null,
      inferenceMs: detector.lastInferenceMs ?? null,
      inView: live.inView,
      ...this.geometryStatus(live),
    };
  }

  /** A JPEG of the newest counted frame, its people pixelated; undefined before the first. */
  async picture(kind: PictureKind): Promise<Buffer | undefined> {
    const view = this.pipeline.view();
    if (view === undefined) return undefined;
    const { frame, tracks, at } = view;
    const { width, height } = frame;
    if (kind === 'plain') return plainPicture(frame.picture, frame, tracks);
    const { lines, zones } = this.geometryStatus(this.pipeline.live(false));
    const overlay = {
      width,
      height,
      tracks,
      lines: lines.map((line) => ({ ...line, path: toPixels([line.from, ...line.via, line.to], frame) })),
      zones: zones.map((zone) => ({ ...zone, polygon: toPixels(zone.polygon, frame) })),
      masks: this.options.camera.masks.exclude.map((polygon) => toPixels(polygon, frame)),
      caption: `${this.options.camera.name}  ${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
    };
    return drawPicture(frame.picture, overlay, 'pixelated');
  }

  private geometryStatus(live: LiveCamera): { lines: LineStatus[]; zones: ZoneStatus[] } {
    const { camera } = this.options;
    const advice = this.pipeline.advice();
    const watched = live.state === 'streaming' && this.pipeline.view() !== undefined;
    return {
      lines: camera.lines.map(({ id, name, from, via, to, directions }, index) => ({
        id,
        name,
        from,
        via,
        to,
        directions,
        totals: live.lines[index]?.totals ?? { in: 0, out: 0 },
        neededFps: advice.lines[index]?.neededFps ?? null,
        advice: advice.lines[index]?.advice ?? [],
      })),
      zones: camera.zones.map(({ id, name, polygon, capacity = null }, index) => {
        const { occupancy = 0, queue = 0, over = false, totals } = live.zones[index] ?? {};
        return {
          id,
          name,
          polygon,
          capacity,
          occupancy: watched ? occupancy : null,
          queue: watched ? queue : null,
          over,
          totals: totals ?? { entries: 0, exits: 0 },
          advice: advice.zones[index]?.advice ?? [],
        };
      }),
    };
  }

  private stateChanged(): void {
    const { camera, clock, journal } = this.options;
    const { state, cause } = this.camera.edge;
    this.since = clock.at();
    this.pipeline.cameraIs(state);
    const record: CameraRecord = { kind: 'camera', camera: camera.id, state, cause, at: this.since };
    journal.write([record]);
  }
}
