import type { CameraRecord, CameraState, LiveCamera, SceneRecord } from '@headcount/shared';
import type { ClipRecorder } from './audit/clip-recorder.js';
import { Camera, type CameraOptions } from './camera/camera.js';
import { QualityMeter } from './camera/quality.js';
import type { AgentConfig, CameraConfig } from './config/config.js';
import { toPixels } from './counter/polygon.js';
import { openIntervalSchema, Tally } from './counter/tally.js';
import { isRtsp } from './decoder/ffmpeg-options.js';
import type { DecodeChoice } from './decoder/hardware.js';
import { streamAdvice } from './decoder/stream-advice.js';
import type { Detector } from './detector/detector.js';
import type { LeftOpen } from './outbox/outbox.js';
import { drawPicture, plainPicture } from './picture/draw.js';
import { CameraPipeline, LONGEST_FRAME_GAP_MS, type PipelineOptions } from './pipeline/camera-pipeline.js';
import { FrameCounter } from './pipeline/frame-counter.js';
import { PersonCounter } from './pipeline/person-counter.js';
import { CameraScene, type SceneChange } from './scene/camera-scene.js';
import type { CameraSample } from './settings/rollback-watch.js';
import type {
  CameraStatus,
  ConnectionStatus,
  LineStatus,
  PictureKind,
  ZoneStatus,
} from './status/agent-status.js';

/** What one counting camera is made of. */
export interface CountingCameraOptions
  extends
    Pick<PipelineOptions, 'journal' | 'clock' | 'logger'>,
    Pick<CameraOptions, 'openSource' | 'knock' | 'budget' | 'cpuBusy' | 'monotonic' | 'random'> {
  readonly detector: Detector;
  readonly config: AgentConfig;
  readonly camera: CameraConfig;
  /** What the outbox holds as this camera's open interval. */
  readonly open: LeftOpen | undefined;
  readonly recorder: ClipRecorder;
  readonly decode: DecodeChoice;
}

/** A camera with its pipeline: connected, counted, and described for people. */
export class CountingCamera {
  readonly id: string;
  readonly pipeline: CameraPipeline;
  private readonly options: CountingCameraOptions;
  /** The configuration with today's names: those may change while the camera goes on. */
  private labels: CameraConfig;
  private readonly camera: Camera;
  private readonly scene: CameraScene;
  private readonly quality: QualityMeter;
  private since: number;
  private lastState: CameraState | undefined;
  private advised = '';

  constructor(options: CountingCameraOptions) {
    const { config, camera, detector, journal, clock, logger, open } = options;
    this.options = options;
    this.labels = camera;
    this.id = camera.id;
    this.since = clock.at();
    this.quality = new QualityMeter(camera.fps, options.monotonic());
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
      onCounted: (frame, { tracks, detections, crossings }, at) => {
        const crossed = crossings.map((one) => ({ ...one, at: clock.at(one.at) }));
        options.recorder.see({ frame, tracks, detections, at, crossings: crossed });
      },
    });
    const onChange = (change: SceneChange) => this.sceneChanged(change);
    this.scene = new CameraScene({ dataDir: config.dataDir, camera, onChange, logger });
    this.camera = new Camera({
      ...options,
      id: camera.id,
      enabled: camera.enabled,
      hasCredentials: camera.credentials !== undefined,
      frameShare: () => this.frameShare(),
      onFrame: (frame) => {
        this.scene.see(frame);
        this.pipeline.offer(frame);
      },
      onState: () => this.stateChanged(),
    });
  }

  start(): void {
    this.pipeline.start();
    this.scene.start();
    this.camera.start();
  }

  /** Close intervals that have ended, save observed time, note the quality; called about once a second. */
  tick(): void {
    this.pipeline.tick();
    this.quality.note(this.options.monotonic(), { frames: this.pipeline.processed });
  }

  /** The wall clock stepped from one UTC ms to another; `continues` as in the pipeline. */
  clockStepped(before: number, after: number, continues: boolean): void {
    this.pipeline.clockStepped(before, after, continues);
    this.camera.clockStepped();
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

  /** Call the camera, its lines and zones by other names from now on; everything else must be the same. */
  relabel(camera: CameraConfig): void {
    this.labels = camera;
  }

  /** How it is counted now; undefined for a camera that is switched off. */
  sample(): CameraSample | undefined {
    if (!this.options.camera.enabled) return undefined;
    const { state, fps } = this.pipeline.live(false);
    const streaming = state === 'streaming';
    const seenAt = this.pipeline.view()?.at ?? -Infinity;
    const observed = streaming && this.options.clock.at() - seenAt <= LONGEST_FRAME_GAP_MS;
    return { id: this.id, streaming, fps, observed };
  }

  /** A person says that the picture is right as it is. */
  acceptScene(): Promise<void> {
    return this.scene.accept();
  }

  status(): CameraStatus {
    const { clock, monotonic, detector } = this.options;
    const camera = this.labels;
    const { state, cause, detail } = this.camera.edge;
    const { retryAt } = this.camera;
    const live = this.pipeline.live(false);
    return {
      id: camera.id,
      name: camera.name,
      address: isRtsp(camera.url) ? new URL(camera.url).hostname : null,
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
      scene: this.scene.status(),
      connection: this.connectionStatus(),
      ...this.geometryStatus(live),
    };
  }

  private connectionStatus(): ConnectionStatus {
    const { camera: config, detector, decode, monotonic } = this.options;
    const { stream, starts } = this.camera;
    const quality = config.enabled ? this.quality.quality(monotonic()) : undefined;
    const need = { view: config, input: detector.input, fps: config.fps };
    return {
      quality: quality ?? null,
      stream: stream ?? null,
      advice: stream === undefined ? [] : streamAdvice(stream, need),
      decoding: { wanted: decode.wanted, used: decode.used, fellBack: decode.fellBack },
      decoderStarts: starts,
    };
  }

  /** Log once what should be set differently at the camera. */
  private logAdvice(): void {
    const { advice } = this.connectionStatus();
    const text = JSON.stringify(advice);
    if (advice.length > 0 && text !== this.advised)
      this.options.logger.warn({ camera: this.id, advice }, 'another stream of this camera would do better');
    this.advised = text;
  }

  /** Frames counted as a share of the configured rate; undefined while no stream is measured. */
  private frameShare(): number | undefined {
    const fps = this.pipeline.fps();
    return fps === 0 ? undefined : fps / this.options.camera.fps;
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
      caption: `${this.labels.name}  ${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
    };
    return drawPicture(frame.picture, overlay, 'pixelated');
  }

  private geometryStatus(live: LiveCamera): { lines: LineStatus[]; zones: ZoneStatus[] } {
    const camera = this.labels;
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

  private sceneChanged({ active, accepted }: SceneChange): void {
    const { camera, clock, journal } = this.options;
    this.pipeline.sceneIs(active);
    const at = clock.at();
    const record: SceneRecord = { kind: 'scene', camera: camera.id, at, active: [...active], accepted };
    journal.write([record]);
  }

  private stateChanged(): void {
    const { camera, clock, journal, monotonic } = this.options;
    const { state, cause } = this.camera.edge;
    const lost = state === 'backoff' && this.lastState !== 'backoff';
    const stalled = state === 'stalled' && this.lastState !== 'stalled';
    this.quality.note(monotonic(), { reconnects: lost ? 1 : 0, stalls: stalled ? 1 : 0 });
    this.lastState = state;
    if (state === 'streaming') this.logAdvice();
    this.since = clock.at();
    this.pipeline.cameraIs(state);
    const record: CameraRecord = { kind: 'camera', camera: camera.id, state, cause, at: this.since };
    journal.write([record]);
  }
}
