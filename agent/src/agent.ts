import { randomUUID } from 'node:crypto';
import { stopInOrder, type OutboxRecord } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Audits } from './audit/audits.js';
import { birthMessage } from './birth.js';
import { Cameras } from './cameras.js';
import { ClockKeeper } from './clock-keeper.js';
import { commandHandlers } from './commands.js';
import { deviceKey } from './commissioning/device-key.js';
import { WalkTests } from './commissioning/walk-test.js';
import type { AgentConfig } from './config/config.js';
import { ConfigChanges } from './config-changes.js';
import { DesiredConfig } from './desired-config.js';
import type { Detector } from './detector/detector.js';
import type { Diagnostics } from './diagnostics/diagnostics.js';
import type { LogRing } from './diagnostics/log-ring.js';
import { createRenewal, type CertificateRenewal } from './enrolment/renewal.js';
import { machineBoot } from './health/boot.js';
import { HostWatch } from './health/host-watch.js';
import { readClock } from './health/time-service.js';
import { LogLevel } from './log-level.js';
import { openParts, type OpenParts } from './open-parts.js';
import type { Outbox } from './outbox/outbox.js';
import { Journal } from './pipeline/journal.js';
import { UtcClock } from './pipeline/utc-clock.js';
import type { DesiredStore } from './settings/desired-store.js';
import type { Settings } from './settings/settings.js';
import type { AgentStatus, PictureKind, StatusSource } from './status/agent-status.js';
import { diagnosticsOf, statusServer } from './status-server.js';
import { createCpuMeter } from './supervision/cpu-meter.js';
import { Stages } from './supervision/stages.js';
import { createSystemd, type Systemd } from './supervision/systemd.js';
import { Watchdog } from './supervision/watchdog.js';
import { openUpdater, type Updater } from './update/updater.js';
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
  private readonly clockKeeper: ClockKeeper;
  private readonly startedAt = this.clock.at();
  private readonly outbox: Outbox;
  private readonly detector: Detector;
  private readonly journal: Journal;
  private readonly uplink: Uplink;
  private readonly updater: Updater | undefined;
  private readonly renewal: CertificateRenewal | undefined;
  private readonly audits: Audits;
  private readonly cameras: Cameras;
  private readonly walkTests: WalkTests;
  private readonly diagnostics: Diagnostics;
  private readonly statusServer: FastifyInstance;
  private readonly host: HostWatch;
  private readonly stages = new Stages(monotonic);
  private readonly watchdog: Watchdog;
  private readonly systemd: Systemd;
  private timer: NodeJS.Timeout | undefined;
  private lastTick = monotonic();
  private readonly ended = new AbortController();
  private stopping: Promise<void> | undefined;

  /** @param log the last lines of the logger, for diagnostics @throws DetectorError, OutboxError */
  static async create(file: AgentConfig, logger: Logger, log: LogRing): Promise<Agent> {
    return new Agent({ ...(await openParts(file, logger)), log });
  }

  private constructor(parts: OpenParts & { readonly log: LogRing }) {
    const { settings, store, logger, log, detector, outbox, ffmpegMajor } = parts;
    const config = settings.effective();
    this.logger = logger;
    this.detector = detector;
    this.outbox = outbox;
    this.renewal = createRenewal(config.collector, logger);
    this.journal = this.createJournal();
    this.clockKeeper = this.createClockKeeper();
    const { journal, clock, stages } = this;
    const random = Math.random;
    const cpuBusy = createCpuMeter(monotonic);
    const signing = {
      gateway: config.gateway,
      key: deviceKey(config.dataDir),
      versions: () => ({ configVersion: this.config.version, modelHash: detector.modelHash }),
      write: (records: readonly OutboxRecord[]) => void this.journal.write(records),
      now: () => this.clock.at(),
    };
    this.audits = new Audits({ ...signing, dataDir: config.dataDir, random, logger });
    const { audits } = this;
    const time = { monotonic, random };
    const shared = { detector, outbox, journal, clock, stages, audits, ffmpegMajor, cpuBusy, logger };
    this.cameras = new Cameras({ ...shared, ...time });
    const { cameras } = this;
    const logLevel = new LogLevel(logger, config.logLevel);
    logLevel.release();
    const onChanged = () => this.changed();
    this.changes = new ConfigChanges({ settings, cameras, logLevel, logger, onChanged });
    const { changes } = this;
    this.desired = this.createDesired(settings, store);
    this.updater = openUpdater(config, {
      counting: () => this.healthy() && cameras.samples().some(({ observed }) => observed),
      event: (detail) => this.event('update', detail),
      now: Date.now,
      monotonic,
      logger,
    });
    const version = this.version;
    this.diagnostics = diagnosticsOf(this, { config: () => this.config, version, ffmpegMajor, log });
    const commands = commandHandlers({
      diagnostics: this.diagnostics,
      cameras,
      changes,
      logLevel,
      update: this.updater?.handle,
    });
    this.uplink = this.createUplink(config, commands);
    const totals = (camera: string, line: string) => this.cameras.find(camera)?.totals(line);
    this.walkTests = new WalkTests({ ...signing, totals });
    this.systemd = createSystemd(process.env, logger);
    this.watchdog = new Watchdog({ stages: this.stages, systemd: this.systemd, logger });
    this.host = new HostWatch({
      dataDir: config.dataDir,
      outboxWaiting: () => outbox.stats().waiting,
      clock: () => this.clockKeeper.status(),
      onSample: (host) => this.journal.write([host]),
      now: () => this.clock.at(),
      monotonic,
    });
    const { walkTests, uplink, diagnostics } = this;
    const tools = { geometry: changes, walkTests, audits, cameras, uplink, diagnostics, ffmpegMajor };
    this.statusServer = statusServer({ config, source: this, tools, monotonic, logger });
  }

  /** Start every stage; resolves with the status page's address. */
  async start(): Promise<{ statusUrl: string }> {
    await this.clockKeeper.start();
    this.cameras.build(this.config);
    this.event('boot', `agent ${this.version}, boot ${this.bootId}, configuration ${this.config.version}`);
    const { host, port } = this.config.status;
    const statusUrl = await this.statusServer.listen({ host, port });
    this.audits.start();
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
    return {
      gateway: this.config.gateway,
      version: this.version,
      now: this.clock.at(),
      startedAt: this.startedAt,
      modelHash: this.detector.modelHash,
      config: this.changes.status(),
      uplink: this.uplink.status(),
      outbox: this.journal.status(),
      clock: this.clockKeeper.status(),
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
    this.clockKeeper.tick();
    this.cameras.tick();
    this.desired.tick();
    this.updater?.tick();
    this.journal.maintain();
    void this.watchdog.check(this.lastTick);
  }

  private event(event: 'boot' | 'stop' | 'config' | 'update', detail: string): void {
    this.journal.write([{ kind: 'event', at: this.clock.at(), event, detail }]);
  }

  private createJournal(): Journal {
    return new Journal({
      outbox: this.outbox,
      logger: this.logger,
      now: () => this.clock.at(),
      monotonic,
      stamp: () => this.clockKeeper.stamp(),
      onRecords: () => this.uplink.notify(),
      onMove: this.stages.watch('journal', JOURNAL_SILENT_MS),
    });
  }

  private createClockKeeper(): ClockKeeper {
    return new ClockKeeper({
      clock: this.clock,
      journal: this.journal,
      ...machineBoot(),
      monotonic,
      askSync: () => readClock('', this.ended.signal),
      onStep: (before, after, continues) => this.cameras.clockStepped(before, after, continues),
      logger: this.logger,
    });
  }

  private createDesired(settings: Settings, store: DesiredStore): DesiredConfig {
    const { cameras, changes, logger } = this;
    return new DesiredConfig({
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
  }

  private createUplink(config: AgentConfig, commands: CommandHandlers): Uplink {
    const { bootId, version, detector } = this;
    const { modelHash } = detector;
    return new Uplink({
      url: config.collector.url,
      gateway: config.gateway,
      password: config.password,
      tls: config.collector,
      bootId,
      outbox: this.outbox,
      birth: () => birthMessage(this.config, { at: this.clock.at(), bootId, version, modelHash }),
      live: () => this.cameras.live(),
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

  private async shutDown(): Promise<void> {
    clearInterval(this.timer);
    this.ended.abort();
    await this.systemd.notify('STOPPING=1');
    await stopInOrder(
      [
        ['host watch', () => this.host.stop()],
        ['trial', () => this.desired.stop()],
        ['changes', () => this.changes.stop()],
        ['cameras', () => this.cameras.stop()],
        ['pipelines', () => this.cameras.close()],
        ['audit clips', () => this.audits.stop()],
        ['last event', () => this.event('stop', 'clean stop')],
        ['journal', () => this.journal.flush()],
        ['certificate renewal', () => this.renewal?.stop()],
        ['uplink', () => this.uplink.stop(DRAIN_MS)],
        ['status server', () => this.statusServer.close()],
        ['detector', () => this.detector.close()],
        ['outbox', () => this.outbox.close()],
      ],
      this.logger,
    );
  }
}
