import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CameraRecord } from '@headcount/shared';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { Audits } from '../../src/audit/audits.js';
import { Cameras } from '../../src/cameras.js';
import { deviceKey } from '../../src/commissioning/device-key.js';
import { loadConfig, type AgentConfig } from '../../src/config/config.js';
import { ffmpegMajorVersion } from '../../src/decoder/probe.js';
import { createDetector } from '../../src/detector/onnx-detector.js';
import { openOutbox } from '../../src/outbox/sqlite-outbox.js';
import { Journal } from '../../src/pipeline/journal.js';
import { UtcClock } from '../../src/pipeline/utc-clock.js';
import type { AgentStatus, CameraStatus, StatusAnswer } from '../../src/status/agent-status.js';
import { createStatusServer } from '../../src/status/server.js';
import { Stages } from '../../src/supervision/stages.js';

const PIN = '246813';
const TICK_MS = 1000;
const LINE = { id: 'a', name: 'A', from: [0.4, 0.2], to: [0.4, 0.9] };
const BATCH = 200;

/** A camera of the configuration. */
export interface TestCamera {
  readonly url: string;
  readonly login?: string;
  readonly fps?: number;
  readonly decode?: string;
}

/**
 * A gateway's cameras in this process, with the real decoder, model, outbox and status server; wall clock and CPU load
 * are in the test's hands.
 */
export class TestGateway {
  /** Milliseconds by which the wall clock is wrong. */
  wallOffset = 0;
  /** Share of all CPUs that is busy. */
  cpuBusy = 0.1;
  private readonly folder = mkdtempSync(join(tmpdir(), 'headcount-cameras-'));
  private readonly logger = pino({ level: 'silent' });
  private readonly monotonic = () => performance.now();
  private readonly clock = new UtcClock({
    wall: () => Date.now() + this.wallOffset,
    monotonic: this.monotonic,
  });
  private readonly outbox = openOutbox({
    file: join(this.folder, 'outbox.sqlite'),
    now: Date.now,
    logger: this.logger,
  });
  private readonly stages = new Stages(this.monotonic);
  private readonly cameras: Cameras;
  private readonly settings: Record<string, TestCamera>;
  private readonly server = createStatusServer({
    host: '127.0.0.1',
    port: 0,
    pin: PIN,
    source: {
      status: () => this.agentStatus(),
      picture: () => Promise.resolve(undefined),
      healthy: () => this.stuck().length === 0,
    },
    features: [],
    webRoot: this.folder,
    monotonic: this.monotonic,
    logger: this.logger,
  });
  private readonly detector: Awaited<ReturnType<typeof createDetector>>;
  private timer: NodeJS.Timeout | undefined;

  static async create(settings: Record<string, TestCamera>): Promise<TestGateway> {
    const model = fileURLToPath(new URL('../../models/person-detector.onnx', import.meta.url));
    const logger = pino({ level: 'silent' });
    const detector = await createDetector({ model, family: 'auto', threads: 1, threshold: 0.2, logger });
    return new TestGateway(settings, { detector, ffmpegMajor: await ffmpegMajorVersion() });
  }

  private constructor(
    settings: Record<string, TestCamera>,
    { detector, ffmpegMajor }: { detector: TestGateway['detector']; ffmpegMajor: number },
  ) {
    this.settings = { ...settings };
    this.detector = detector;
    const { outbox, logger, stages, clock, monotonic } = this;
    const journal = new Journal({
      outbox,
      logger,
      now: () => clock.at(),
      monotonic,
      onRecords: () => undefined,
      onMove: () => undefined,
    });
    const audits = new Audits({
      gateway: 'lobby',
      dataDir: this.folder,
      key: deviceKey(this.folder),
      versions: () => ({ configVersion: 'test', modelHash: detector.modelHash }),
      write: () => undefined,
      now: () => clock.at(),
      random: Math.random,
      logger,
    });
    this.cameras = new Cameras({
      audits,
      detector,
      outbox,
      journal,
      clock,
      stages,
      ffmpegMajor,
      cpuBusy: () => this.cpuBusy,
      monotonic,
      // Short pauses, so that the test does not wait for luck.
      random: () => 0.25,
      logger,
    });
  }

  start(): void {
    this.cameras.build(this.config());
    this.cameras.start();
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.cameras.stop();
    await this.cameras.close();
    await this.server.close();
    await this.detector.close();
    this.outbox.close();
  }

  /** What a technician does who corrects a camera's settings. */
  async correct(id: string, settings: TestCamera): Promise<void> {
    this.settings[id] = settings;
    await this.cameras.replace(this.config(), id);
  }

  camera(id: string): CameraStatus {
    const camera = this.cameras.find(id);
    if (camera === undefined) throw new Error(`there is no camera ${id}`);
    return camera.status();
  }

  stuck(): string[] {
    return this.stages.stuck().map(({ name }) => name);
  }

  /** What `/status` and `/metrics` say to somebody with the PIN. */
  async ask(): Promise<{ status: StatusAnswer; metrics: string }> {
    const headers = { authorization: `Basic ${Buffer.from(`technician:${PIN}`).toString('base64')}` };
    const [status, metrics] = await Promise.all([
      this.server.inject({ url: '/status', headers }),
      this.server.inject({ url: '/metrics', headers }),
    ]);
    return { status: status.json(), metrics: metrics.body };
  }

  /** Every camera record that waits for the uplink, as "camera state: cause"; empties the outbox. */
  takeEdges(): string[] {
    const edges: string[] = [];
    for (
      let batch = this.outbox.nextBatch(BATCH);
      batch !== undefined;
      batch = this.outbox.nextBatch(BATCH)
    ) {
      const cameras = batch.records.filter((record): record is CameraRecord => record.kind === 'camera');
      edges.push(...cameras.map(({ camera, state, cause }) => `${camera} ${state}: ${cause}`));
      this.outbox.settle(batch.seqs.at(-1) ?? 0);
    }
    return edges;
  }

  /** The same as the agent's own tick. */
  private tick(): void {
    const before = this.clock.at();
    if (this.clock.follow() !== 0) this.cameras.clockStepped(before, this.clock.at(), false);
    this.cameras.tick();
  }

  private config(): AgentConfig {
    const cameras = Object.entries(this.settings).map(([id, { url, login, fps = 2, decode }]) => {
      const credentialsFile = join(this.folder, `${id}.credentials`);
      if (login !== undefined) writeFileSync(credentialsFile, login, { mode: 0o600 });
      const camera = { id, name: id, url, fps, lines: [LINE] };
      return { ...camera, ...(decode && { decode }), ...(login !== undefined && { credentialsFile }) };
    });
    const file = join(this.folder, 'agent.yaml');
    const collector = { url: 'mqtt://127.0.0.1:1' };
    const config = { gateway: 'lobby', collector, dataDir: this.folder, status: {}, cameras };
    writeFileSync(file, stringify(config));
    return loadConfig(file, { HEADCOUNT_GATEWAY_PASSWORD: 'secret', HEADCOUNT_STATUS_PIN: PIN });
  }

  private agentStatus(): AgentStatus {
    return {
      gateway: 'lobby',
      version: '0',
      now: this.clock.at(),
      startedAt: 0,
      modelHash: this.detector.modelHash,
      config: { version: 'test', problem: null },
      uplink: {
        state: 'offline',
        since: 0,
        lastReceiptAt: null,
        problem: 'none in this test',
        cause: 'refused',
      },
      outbox: {
        ...{ waiting: 0, oldestAt: null, fileBytes: 0, healthy: true },
        ...{ held: 0, provisional: 0, merged: 0, thinned: 0, dropped: 0, quarantined: 0 },
      },
      clock: { synchronised: null, offsetMs: null },
      host: null,
      cameras: this.cameras.all().map((camera) => camera.status()),
    };
  }
}
