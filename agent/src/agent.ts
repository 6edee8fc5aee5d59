import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONTRACT_VERSION, type BirthMessage, type LiveMessage } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { birthOf } from './birth.js';
import { Cameras } from './cameras.js';
import { commandHandlers } from './commands.js';
import { deviceKey } from './commissioning/device-key.js';
import { WalkTests } from './commissioning/walk-test.js';
import type { AgentConfig } from './config/config.js';
import { ConfigChanges } from './config-changes.js';
import { ffmpegMajorVersion } from './decoder/probe.js';
import { DesiredConfig, openSettings } from './desired-config.js';
import { openDetector } from './detector/choose-precision.js';
import type { Detector } from './detector/detector.js';
import { createRenewal, type CertificateRenewal } from './enrolment/renewal.js';
import { HostWatch } from './health/host-watch.js';
import { LogLevel } from './log-level.js';
import type { Outbox } from './outbox/outbox.js';
import { openOutbox } from './outbox/sqlite-outbox.js';
import { Journal } from './pipeline/journal.js';
import { UtcClock } from './pipeline/utc-clock.js';
import type { DesiredStore } from './settings/desired-store.js';
import type { Settings } from './settings/settings.js';
import type { AgentStatus, PictureKind, StatusSource } from './status/agent-status.js';
import { geometryRoutes } from './status/geometry-routes.js';
import { createStatusServer } from './status/server.js';
import { walkTestRoutes } from './status/walk-test-routes.js';
import { Stages } from './supervision/stages.js';
import { createSystemd, type Systemd } from './supervision/systemd.js';
import { Watchdog } from './supervision/watchdog.js';
import { LOW_SCORE_SHARE } from './tracker/tracker.js';
import type { Updater } from './update/updater.js';
import { createUpdater, updateHandler } from './updates.js';
import type { CommandHandlers } from './uplink/commands.js';
import { Uplink } from './uplink/uplink.js';
import { agentVersion } from './version.js';

const TICK_MS = 1000;
/** A tick that is later than this means that the event loop is stuck (ms). */
const LONGEST_TICK_MS = 10_000;
/** How long journal and uplink may show no life before the watchdog is no longer fed (ms): longer than their back-off. */
const JOURNAL_SILENT_MS = 150_000;
const UPLINK_SILENT_MS = 300_000;
/** How long a stop may wait for the collector's receipts (ms). */
const DRAIN_MS = 5000;

const monotonic = () => performance.now();

/** The composition root: every stage of the agent, built in the order in which data flows. */
export class Agent implements StatusSource {
  private readonly changes: ConfigChanges;
  private readonly desired: DesiredConfig;
  private readonly logger: Logger;
  private readonly bootId = randomUUID();
  private readonly version = agentVersion();
  private readonly clock = new UtcClock({ wall: Date.now, monotonic });
  private readonly startedAt = this.clock.at();
  private readonly outbox: Outbox;
  private readonly detector: Detector;
  private readonly journal: Journal;
  private readonly uplink: Uplink;
  private readonly updater: Updater | undefined;
  private readonly renewal: CertificateRenewal | undefined;
  private readonly cameras: Cameras;
  private readonly walkTests: WalkTests;
  private readonly statusServer: FastifyInstance;
  private readonly host: HostWatch;
  private readonly stages = new Stages(monotonic);
  private readonly watchdog: Watchdog;
  private readonly systemd: Systemd;
  private timer: NodeJS.Timeout | undefined;
  private lastTick = monotonic();
  private stopping: Promise<void> | undefined;

  /**
   * Open everything that can fail on a wrong set-up: model, outbox, ffmpeg.
   * @throws DetectorError, OutboxError
   */
  static async create(file: AgentConfig, logger: Logger): Promise<Agent> {
    const { settings, store } = await openSettings(file, logger);
    const config = settings.effective();
    const ffmpegMajor = await ffmpegMajorVersion();
    const { threshold, precision: wanted } = config.detector;
    const options = { ...config.detector, threshold: threshold * LOW_SCORE_SHARE, logger };
    const { detector, precision, reason } = await openDetector(options, wanted);
    const { family, modelHash } = detector;
    logger.info({ precision, reason, family, modelHash }, 'model chosen');
    const outbox = openOutbox({ file: join(config.dataDir, 'outbox.sqlite'), now: Date.now, logger });
    return new Agent({ settings, store, logger, detector, outbox, ffmpegMajor });
  }

  private constructor(parts: {
    settings: Settings;
    store: DesiredStore;
    logger: Logger;
    detector: Detector;
    outbox: Outbox;
    ffmpegMajor: number;
  }) {
    const { settings, store, logger, detector, outbox, ffmpegMajor } = parts;
    const config = settings.effective();
    this.logger = logger;
    this.detector = detector;
    this.outbox = outbox;
    this.renewal = createRenewal(config.collector, logger);
    const onMove = this.stages.watch('journal', JOURNAL_SILENT_MS);
    this.journal = new Journal({ outbox, logger, onRecords: () => this.uplink.notify(), onMove });
    const { journal, clock, stages } = this;
    const random = Math.random;
    const shared = { detector, outbox, journal, clock, stages, ffmpegMajor, monotonic, random, logger };
    this.cameras = new Cameras(shared);
    this.cameras.build(config);
    const logLevel = new LogLevel(logger, config.logLevel);
    logLevel.release();
    const { cameras } = this;
    this.changes = new ConfigChanges({
      settings,
      cameras,
      logLevel,
      logger,
      onChanged: () => this.changed(),
    });
    const { changes } = this;
    this.desired = new DesiredConfig({
      store,
      settings,
      changes,
      samples: () => cameras.samples(),
      now: Date.now,
      monotonic,
      report: () => this.uplink.report(),
      event: (detail) => this.event('config', detail),
      logger,
    });
    this.updater = createUpdater(config, {
      version: this.version,
      well: () => this.healthy() && cameras.counting(),
      event: (detail) => this.event('update', detail),
      monotonic,
      logger,
    });
    const update = this.updater && updateHandler(this.updater);
    this.uplink = this.createUplink(config, commandHandlers({ cameras, changes, logLevel, update }));
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
    this.host = new HostWatch({
      dataDir: config.dataDir,
      outboxWaiting: () => outbox.stats().waiting,
      onSample: (host) => this.journal.write([host]),
      now: () => this.clock.at(),
      monotonic,
    });
    this.statusServer = createStatusServer({
      host: config.status.host,
      port: config.status.port,
      pin: config.pin,
      source: this,
      features: [(app) => geometryRoutes(app, this.changes), (app) => walkTestRoutes(app, this.walkTests)],
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
    this.desired.start();
    this.uplink.start();
    this.renewal?.start();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    await this.host.start();
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
      config: this.changes.status(),
      uplink: this.uplink.status(),
      outbox: { waiting, oldestAt, fileBytes, healthy: this.journal.healthy },
      clock: this.host.clock(),
      host: this.host.newest,
      cameras: this.cameras.all().map((camera) => camera.status()),
    };
  }

  async picture(id: string, kind: PictureKind): Promise<Buffer | undefined> {
    return this.cameras.find(id)?.picture(kind);
  }

  /** The configuration file may have changed: read it again. What it changes starts anew, the rest goes on. */
  async reloadConfig(load: () => AgentConfig): Promise<void> {
    await this.changes.reload(load);
  }

  healthy(): boolean {
    const ticking = monotonic() - this.lastTick < LONGEST_TICK_MS;
    return this.journal.healthy && ticking && this.stages.stuck().length === 0;
  }

  private get config(): AgentConfig {
    return this.changes.config;
  }

  private changed(): void {
    this.uplink.announce();
    this.uplink.report();
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
    this.desired.tick();
    this.updater
      ?.tick()
      .catch((error: unknown) => this.logger.error({ err: error }, 'an update could not be followed'));
    void this.watchdog.check(this.lastTick);
  }

  private event(event: 'boot' | 'stop' | 'clock-step' | 'config' | 'update', detail: string): void {
    this.journal.write([{ kind: 'event', at: this.clock.at(), event, detail }]);
  }

  private createUplink(config: AgentConfig, commands: CommandHandlers): Uplink {
    return new Uplink({
      url: config.collector.url,
      gateway: config.gateway,
      password: config.password,
      tls: config.collector,
      bootId: this.bootId,
      outbox: this.outbox,
      birth: () => this.birth(),
      live: () => this.live(),
      reported: () => this.desired.reported(),
      onDesired: (desired) => this.desired.take(desired),
      commands,
      now: () => this.clock.at(),
      monotonic,
      random: Math.random,
      onMove: this.stages.watch('uplink', UPLINK_SILENT_MS),
      logger: this.logger,
    });
  }

  private birth(): BirthMessage {
    return {
      v: CONTRACT_VERSION,
      status: 'online',
      at: this.clock.at(),
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
      at: this.clock.at(),
      cameras: this.cameras.all().map(({ pipeline }) => pipeline.live(true)),
    };
  }

  private async shutDown(): Promise<void> {
    clearInterval(this.timer);
    await this.systemd.notify('STOPPING=1');
    const steps: readonly (readonly [string, () => unknown])[] = [
      ['host watch', () => this.host.stop()],
      ['trial', () => this.desired.stop()],
      ['changes', () => this.changes.stop()],
      ['cameras', () => this.cameras.stop()],
      ['pipelines', () => this.cameras.close()],
      ['last event', () => this.event('stop', 'clean stop')],
      ['certificate renewal', () => this.renewal?.stop()],
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
