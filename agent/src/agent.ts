import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONTRACT_VERSION, type BirthMessage, type HostRecord, type LiveMessage } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Cameras } from './cameras.js';
import { deviceKey } from './commissioning/device-key.js';
import { WalkTests } from './commissioning/walk-test.js';
import type { AgentConfig, CameraConfig } from './config/config.js';
import { DrawnGeometry, type Geometry } from './config/geometry.js';
import { ffmpegMajorVersion } from './decoder/probe.js';
import { openDetector } from './detector/choose-precision.js';
import type { Detector } from './detector/detector.js';
import type { Diagnostics } from './diagnostics/diagnostics.js';
import type { LogRing } from './diagnostics/log-ring.js';
import { createHostSampler } from './health/host-sampler.js';
import type { Outbox } from './outbox/outbox.js';
import { openOutbox } from './outbox/sqlite-outbox.js';
import { Journal } from './pipeline/journal.js';
import { UtcClock } from './pipeline/utc-clock.js';
import type { AgentStatus, PictureKind, StatusSource } from './status/agent-status.js';
import type { GeometrySource } from './status/geometry-routes.js';
import { createStatusServer } from './status/server.js';
import { diagnosticsOf, statusFeatures } from './status-features.js';
import { Stages } from './supervision/stages.js';
import { createSystemd, type Systemd } from './supervision/systemd.js';
import { Watchdog } from './supervision/watchdog.js';
import { LOW_SCORE_SHARE } from './tracker/tracker.js';
import { Uplink } from './uplink/uplink.js';
import { agentVersion } from './version.js';

const TICK_MS = 1000;
const HOST_SAMPLE_MS = 60_000;
/** A tick that is later than this means that the event loop is stuck (ms). */
const LONGEST_TICK_MS = 10_000;
/** How long journal and uplink may show no life before the watchdog is no longer fed (ms): longer than their back-off. */
const JOURNAL_SILENT_MS = 150_000;
const UPLINK_SILENT_MS = 300_000;
/** How long a stop may wait for the collector's receipts (ms). */
const DRAIN_MS = 5000;

const monotonic = () => performance.now();

/** The composition root: every stage of the agent, built in the order in which data flows. */
export class Agent implements StatusSource, GeometrySource {
  /** What the configuration file says. */
  private readonly base: AgentConfig;
  private readonly drawn: DrawnGeometry;
  /** The file with what was drawn on the status page. */
  private config: AgentConfig;
  private readonly logger: Logger;
  private readonly bootId = randomUUID();
  private readonly version = agentVersion();
  private readonly clock = new UtcClock({ wall: Date.now, monotonic });
  private readonly startedAt = this.clock.at();
  private readonly outbox: Outbox;
  private readonly detector: Detector;
  private readonly journal: Journal;
  private readonly uplink: Uplink;
  private readonly cameras: Cameras;
  private drawing = Promise.resolve();
  private readonly walkTests: WalkTests;
  private readonly diagnostics: Diagnostics;
  private readonly statusServer: FastifyInstance;
  private readonly sampleHost: () => Promise<HostRecord>;
  private readonly stages = new Stages(monotonic);
  private readonly watchdog: Watchdog;
  private readonly systemd: Systemd;
  private host: HostRecord | null = null;
  private timers: NodeJS.Timeout[] = [];
  private lastTick = monotonic();
  private stopping: Promise<void> | undefined;

  /**
   * Open everything that can fail on a wrong set-up: model, outbox, ffmpeg.
   * @param log the last lines of the logger, for diagnostics
   * @throws DetectorError, OutboxError
   */
  static async create(config: AgentConfig, logger: Logger, log: LogRing): Promise<Agent> {
    const ffmpegMajor = await ffmpegMajorVersion();
    const { threshold, precision: wanted } = config.detector;
    const options = { ...config.detector, threshold: threshold * LOW_SCORE_SHARE, logger };
    const { detector, precision, reason } = await openDetector(options, wanted);
    const { family, modelHash } = detector;
    logger.info({ precision, reason, family, modelHash }, 'model chosen');
    const outbox = openOutbox({ file: join(config.dataDir, 'outbox.sqlite'), now: Date.now, logger });
    return new Agent({ config, logger, log, detector, outbox, ffmpegMajor });
  }

  private constructor(parts: {
    config: AgentConfig;
    logger: Logger;
    log: LogRing;
    detector: Detector;
    outbox: Outbox;
    ffmpegMajor: number;
  }) {
    const { logger, log, detector, outbox, ffmpegMajor } = parts;
    this.base = parts.config;
    this.drawn = new DrawnGeometry(this.base.dataDir);
    const config = this.drawn.over(this.base);
    this.config = config;
    this.logger = logger;
    this.detector = detector;
    this.outbox = outbox;
    this.uplink = new Uplink({
      url: config.collector.url,
      gateway: config.gateway,
      password: config.password,
      bootId: this.bootId,
      outbox,
      birth: () => this.birth(),
      live: () => this.live(),
      now: Date.now,
      monotonic,
      random: Math.random,
      onMove: this.stages.watch('uplink', UPLINK_SILENT_MS),
      logger,
    });
    const onMove = this.stages.watch('journal', JOURNAL_SILENT_MS);
    this.journal = new Journal({ outbox, logger, onRecords: () => this.uplink.notify(), onMove });
    const { journal, clock, stages } = this;
    const random = Math.random;
    const shared = { detector, outbox, journal, clock, stages, ffmpegMajor, monotonic, random, logger };
    this.cameras = new Cameras(shared);
    this.cameras.build(config);
    this.walkTests = new WalkTests({
      gateway: config.gateway,
      key: deviceKey(config.dataDir),
      totals: (camera, line) => this.cameras.find(camera)?.totals(line),
      versions: () => ({ configVersion: this.config.version, modelHash: detector.modelHash }),
      write: (records) => this.journal.write(records),
      now: () => this.clock.at(),
    });
    this.systemd = createSystemd(process.env, logger);
    this.watchdog = new Watchdog({ stages: this.stages, systemd: this.systemd, logger });
    this.sampleHost = createHostSampler({
      dataDir: config.dataDir,
      outboxWaiting: () => outbox.stats().waiting,
      now: Date.now,
    });
    const version = this.version;
    this.diagnostics = diagnosticsOf(this, { config: () => this.config, version, ffmpegMajor, log });
    this.statusServer = createStatusServer({
      host: config.status.host,
      port: config.status.port,
      pin: config.pin,
      source: this,
      features: statusFeatures({
        config,
        geometry: this,
        walkTests: this.walkTests,
        uplink: this.uplink,
        diagnostics: this.diagnostics,
        ffmpegMajor,
        monotonic,
        logger,
      }),
      webRoot: fileURLToPath(new URL('../dist/web', import.meta.url)),
      monotonic,
      logger,
    });
  }

  /** Start every stage; resolves with the status page's address. */
  async start(): Promise<{ statusUrl: string }> {
    this.event('boot', `agent ${this.version}, boot ${this.bootId}, configuration ${this.config.version}`);
    const statusUrl = await this.statusServer.listen({
      host: this.config.status.host,
      port: this.config.status.port,
    });
    this.cameras.start();
    this.uplink.start();
    this.timers = [
      setInterval(() => this.tick(), TICK_MS),
      setInterval(() => void this.takeHostSample(), HOST_SAMPLE_MS),
    ];
    await this.takeHostSample();
    await this.systemd.notify('READY=1', 'STATUS=counting');
    return { statusUrl };
  }

  /**
   * Stop in the order in which data flows, so that nothing is lost: no new frames, finish the frames under way, close
   * the open intervals, send what can be sent, say goodbye, then close the files.
   */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  status(): AgentStatus {
    const { waiting, oldestAt, fileBytes } = this.outbox.stats();
    return {
      gateway: this.config.gateway,
      version: this.version,
      now: this.clock.at(),
      startedAt: this.startedAt,
      modelHash: this.detector.modelHash,
      uplink: this.uplink.status(),
      outbox: { waiting, oldestAt, fileBytes, healthy: this.journal.healthy },
      clock: { synchronised: null, offsetMs: null },
      host: this.host,
      cameras: this.cameras.all().map((camera) => camera.status()),
    };
  }

  async picture(id: string, kind: PictureKind): Promise<Buffer | undefined> {
    return this.cameras.find(id)?.picture(kind);
  }

  geometry(id: string): Geometry | undefined {
    const camera = this.config.cameras.find((one) => one.id === id);
    return camera && { lines: camera.lines, zones: camera.zones };
  }

  setGeometry(id: string, geometry: Geometry): Promise<void> {
    // One after the other: each restarts a camera.
    const done = this.drawing.then(() => this.draw(id, geometry));
    this.drawing = done.catch(() => undefined);
    return done;
  }

  healthy(): boolean {
    const ticking = monotonic() - this.lastTick < LONGEST_TICK_MS;
    return this.journal.healthy && ticking && this.stages.stuck().length === 0;
  }

  private async draw(id: string, geometry: Geometry): Promise<void> {
    if (this.stopping !== undefined) throw new Error('the agent is stopping');
    await this.drawn.save(this.base, id, geometry);
    this.config = this.drawn.over(this.base);
    await this.cameras.replace(this.config, id);
    this.logger.info({ camera: id, configVersion: this.config.version }, 'lines and zones were drawn anew');
    this.uplink.announce();
  }

  private tick(): void {
    this.lastTick = monotonic();
    const before = this.clock.at();
    const step = this.clock.follow();
    if (step !== 0) {
      const detail = `the clock stepped by ${Math.round(step)} ms`;
      this.logger.warn({ stepMs: step }, 'clock step');
      this.cameras.clockStepped(before, this.clock.at());
      this.event('clock-step', detail);
    }
    this.cameras.tick();
    void this.watchdog.check(this.lastTick);
  }

  private async takeHostSample(): Promise<void> {
    this.host = await this.sampleHost();
    if (this.stopping === undefined) this.journal.write([this.host]);
  }

  private event(event: 'boot' | 'stop' | 'clock-step', detail: string): void {
    this.journal.write([{ kind: 'event', at: this.clock.at(), event, detail }]);
  }

  private birth(): BirthMessage {
    return {
      v: CONTRACT_VERSION,
      status: 'online',
      at: Date.now(),
      bootId: this.bootId,
      version: this.version,
      configVersion: this.config.version,
      modelHash: this.detector.modelHash,
      cameras: this.config.cameras.map(birthOf),
    };
  }

  private live(): LiveMessage {
    return {
      v: CONTRACT_VERSION,
      at: Date.now(),
      cameras: this.cameras.all().map(({ pipeline }) => pipeline.live(true)),
    };
  }

  private async shutDown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.systemd.notify('STOPPING=1');
    const steps: readonly (readonly [string, () => unknown])[] = [
      ['drawing', () => this.drawing],
      ['cameras', () => this.cameras.stop()],
      ['pipelines', () => this.cameras.close()],
      ['last event', () => this.event('stop', 'clean stop')],
      ['uplink', () => this.uplink.stop(DRAIN_MS)],
      ['status server', () => this.statusServer.close()],
      ['detector', () => this.detector.close()],
      ['outbox', () => this.outbox.close()],
    ];
    for (const [name, step] of steps) {
      try {
        await step();
      } catch (error) {
        this.logger.error({ err: error, step: name }, 'could not stop a stage cleanly');
      }
    }
  }
}

/** What the collector is told about a camera. */
function birthOf({ id, name, lines, zones }: CameraConfig): BirthMessage['cameras'][number] {
  return {
    id,
    name,
    lines: lines.map((line) => {
      const { name: label, from, via, to, directions, entrance } = line;
      return { id: line.id, name: label, from, via, to, directions, entrance };
    }),
    zones: zones.map((zone) => {
      const { name: label, polygon, capacity = null } = zone;
      return { id: zone.id, name: label, polygon, capacity };
    }),
  };
}
