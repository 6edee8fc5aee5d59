import { existsSync } from 'node:fs';
import { CONTRACT_VERSION, type LiveMessage } from '@headcount/shared';
import type { Logger } from 'pino';
import type { Audits } from './audit/audits.js';
import { knockRtsp } from './camera/rtsp-knock.js';
import { SpawnBudget } from './camera/spawn-budget.js';
import type { AgentConfig, CameraConfig } from './config/config.js';
import { CountingCamera } from './counting-camera.js';
import { isRtsp } from './decoder/ffmpeg-options.js';
import { createFfmpegSource } from './decoder/ffmpeg-source.js';
import { DecodeChoice } from './decoder/hardware.js';
import { layoutOf } from './decoder/layout.js';
import type { Detector } from './detector/detector.js';
import type { LeftOpen, Outbox } from './outbox/outbox.js';
import type { Journal } from './pipeline/journal.js';
import type { UtcClock } from './pipeline/utc-clock.js';
import type { CameraSample } from './settings/rollback-watch.js';
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
  readonly audits: Audits;
  readonly ffmpegMajor: number;
  /** Share of all CPUs that is busy; undefined while nobody knows. */
  readonly cpuBusy: () => number | undefined;
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
  private readonly budget: SpawnBudget;
  private entries: ReadonlyMap<string, Entry> = new Map();

  constructor(options: CamerasOptions) {
    this.options = options;
    this.budget = new SpawnBudget(options.monotonic);
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

  /** What a person who watches sees now. */
  live(): LiveMessage {
    const cameras = this.all().map(({ pipeline }) => pipeline.live(true));
    return { v: CONTRACT_VERSION, at: this.options.clock.at(), cameras };
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

  /** Connect a camera that is new in the configuration. */
  add(config: AgentConfig, id: string): void {
    const camera = config.cameras.find((one) => one.id === id);
    if (camera === undefined || this.find(id) !== undefined) return;
    const entry = this.entry(config, camera, this.options.outbox.openIntervals().get(id));
    this.entries = new Map([...this.entries, [id, entry]]);
    entry.camera.start();
  }

  /** Close a camera's interval and let it go; its totals go on if it ever comes back. */
  async remove(id: string): Promise<void> {
    const old = this.find(id);
    if (old === undefined) return;
    this.entries = new Map([...this.entries].filter(([other]) => other !== id));
    await old.stopCamera();
    await old.pipeline.close();
    for (const stage of stagesOf(id)) this.options.stages.forget(stage);
  }

  /** Only names changed: the camera goes on without a gap. */
  relabel(config: AgentConfig, id: string): void {
    const camera = config.cameras.find((one) => one.id === id);
    if (camera !== undefined) this.find(id)?.relabel(camera);
  }

  /** How every camera that is switched on is counted now. */
  samples(): CameraSample[] {
    return this.all().flatMap((camera) => camera.sample() ?? []);
  }

  /** Close intervals that have ended and note which cameras move; called about once a second. */
  tick(): void {
    for (const { camera, cameraBeat, countingBeat } of this.entries.values()) {
      camera.tick();
      if (camera.cameraMoves) cameraBeat();
      if (camera.pipeline.moved()) countingBeat();
    }
  }

  /** The wall clock stepped from one UTC ms to another; `continues` as in the pipeline. */
  clockStepped(before: number, after: number, continues: boolean): void {
    for (const camera of this.all()) camera.clockStepped(before, after, continues);
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
    const { detector, journal, clock, logger, cpuBusy, monotonic, random, stages, audits } = this.options;
    const [cameraStage, countingStage] = stagesOf(camera.id);
    const { budget } = this;
    const { url, decode: preset } = camera;
    const decode = new DecodeChoice({ preset, exists: existsSync });
    return {
      camera: new CountingCamera({
        config,
        camera,
        detector,
        journal,
        clock,
        logger,
        open,
        openSource: () => this.openSource(camera, decode),
        knock: isRtsp(url) ? (signal) => knockRtsp(url, signal) : undefined,
        decode,
        budget,
        cpuBusy,
        recorder: audits.recorder(camera),
        monotonic,
        random,
      }),
      cameraBeat: stages.watch(cameraStage, CAMERA_SILENT_MS),
      countingBeat: stages.watch(countingStage, COUNTING_SILENT_MS),
    };
  }

  private openSource(camera: CameraConfig, decode: DecodeChoice): ReturnType<typeof createFfmpegSource> {
    const { detector, ffmpegMajor, monotonic, logger } = this.options;
    const { url, credentials, fps } = camera;
    return createFfmpegSource({
      url,
      credentials,
      layout: layoutOf(camera, detector.input),
      mask: camera.masks.privacy,
      fps,
      ffmpegMajor,
      decode,
      pace: 'newest',
      monotonic,
      logger,
    });
  }
}

/** Names under which a camera's connection and its counting are watched. */
function stagesOf(id: string): readonly [string, string] {
  return [`camera ${id}`, `counting ${id}`];
}
