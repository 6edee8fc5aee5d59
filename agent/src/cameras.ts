import type { Logger } from 'pino';
import type { AgentConfig, CameraConfig } from './config/config.js';
import { CountingCamera } from './counting-camera.js';
import { createFfmpegSource } from './decoder/ffmpeg-source.js';
import { layoutOf } from './decoder/layout.js';
import type { Detector } from './detector/detector.js';
import type { LeftOpen, Outbox } from './outbox/outbox.js';
import type { Journal } from './pipeline/journal.js';
import type { UtcClock } from './pipeline/utc-clock.js';
import type { Stages } from './supervision/stages.js';

/**
 * How long a camera may show no life before the watchdog is no longer fed (ms): longer than anything that it does by
 * itself to recover (decoder deadlines, restarts of the model's thread).
 */
const CAMERA_SILENT_MS = 30_000;
const COUNTING_SILENT_MS = 60_000;

/** What all cameras share. */
export interface CamerasOptions {
  readonly detector: Detector;
  readonly outbox: Outbox;
  readonly journal: Journal;
  readonly clock: UtcClock;
  readonly stages: Stages;
  readonly ffmpegMajor: number;
  readonly monotonic: () => number;
  readonly random: () => number;
  readonly logger: Logger;
}

interface Entry {
  readonly camera: CountingCamera;
  readonly cameraBeat: () => void;
  readonly countingBeat: () => void;
}

/** All cameras of the gateway: started, ticked, and replaced one by one when their configuration changes. */
export class Cameras {
  private readonly options: CamerasOptions;
  private entries: ReadonlyMap<string, Entry> = new Map();

  constructor(options: CamerasOptions) {
    this.options = options;
  }

  /** Build every camera of a configuration; nothing is connected yet. */
  build(config: AgentConfig): void {
    const open = this.options.outbox.openIntervals();
    this.entries = new Map(
      config.cameras.map((camera) => [camera.id, this.entry(config, camera, open.get(camera.id))]),
    );
  }

  start(): void {
    for (const camera of this.all()) camera.start();
  }

  all(): CountingCamera[] {
    return [...this.entries.values()].map(({ camera }) => camera);
  }

  find(id: string): CountingCamera | undefined {
    return this.entries.get(id)?.camera;
  }

  /** Close a camera's interval and go on with its new configuration; totals go on too, other cameras notice nothing. */
  async replace(config: AgentConfig, id: string): Promise<void> {
    const camera = config.cameras.find((one) => one.id === id);
    const old = this.find(id);
    if (camera === undefined || old === undefined) return;
    await old.stopCamera();
    await old.pipeline.close();
    const entry = this.entry(config, camera, this.options.outbox.openIntervals().get(id));
    this.entries = new Map([...this.entries, [id, entry]]);
    entry.camera.start();
  }

  /** Close intervals that have ended and note which cameras move; called about once a second. */
  tick(): void {
    for (const { camera, cameraBeat, countingBeat } of this.entries.values()) {
      camera.pipeline.tick();
      if (camera.cameraMoves) cameraBeat();
      if (camera.pipeline.moves) countingBeat();
    }
  }

  /** The wall clock stepped from one UTC ms to another; `continues` as in the pipeline. */
  clockStepped(before: number, after: number, continues: boolean): void {
    for (const { pipeline } of this.all()) pipeline.clockStepped(before, after, continues);
  }

  /** No frame comes after this. */
  async stop(): Promise<void> {
    await Promise.all(this.all().map((camera) => camera.stopCamera()));
  }

  /** Finish the frames under way and write the open intervals. */
  async close(): Promise<void> {
    await Promise.all(this.all().map(({ pipeline }) => pipeline.close()));
  }

  private entry(config: AgentConfig, camera: CameraConfig, open: LeftOpen | undefined): Entry {
    const { detector, journal, clock, logger, monotonic, random, stages } = this.options;
    return {
      camera: new CountingCamera({
        config,
        camera,
        detector,
        journal,
        clock,
        logger,
        open,
        openSource: () => this.openSource(camera),
        monotonic,
        random,
      }),
      cameraBeat: stages.watch(`camera ${camera.id}`, CAMERA_SILENT_MS),
      countingBeat: stages.watch(`counting ${camera.id}`, COUNTING_SILENT_MS),
    };
  }

  private openSource(camera: CameraConfig): ReturnType<typeof createFfmpegSource> {
    const { detector, ffmpegMajor, monotonic, logger } = this.options;
    const { url, credentials, fps } = camera;
    return createFfmpegSource({
      url,
      credentials,
      layout: layoutOf(camera, detector.input),
      mask: camera.masks.privacy,
      fps,
      ffmpegMajor,
      pace: 'newest',
      monotonic,
      logger,
    });
  }
}
