import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopInOrder } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Alerts } from './alerts/alerts.js';
import { suppressions } from './alerts/suppressions.js';
import { createApp } from './api/app.js';
import { Broker } from './broker/broker.js';
import { joinByRedis, type Joint } from './broker/redis.js';
import { Membership } from './cluster/membership.js';
import { Commands } from './commands/commands.js';
import { storePlace, type CollectorConfig } from './config/config.js';
import { rebuildRollups } from './counts/rollups.js';
import type { ErrorLines } from './error-groups/error-lines.js';
import { ErrorLog } from './error-groups/error-log.js';
import { openErrorGroups } from './error-groups/groups.js';
import { certificateProblem, retireOlder } from './fleet/certificates.js';
import { gatewaySecrets } from './fleet/credentials.js';
import { DesiredPublisher } from './fleet/desired-publisher.js';
import { onlineGateways } from './fleet/fleet.js';
import { camerasByState, gatewaysByStatus } from './fleet/overview.js';
import { advanceRollouts } from './fleet/rollout-engine.js';
import { Handbook } from './handbook/handbook.js';
import { IncidentSide } from './incident-side.js';
import { openBySeverity } from './incidents/read.js';
import { Ingest } from './ingest/ingest.js';
import { EVERY_5_SECONDS, EVERY_MINUTE, EVERY_QUARTER_MINUTE, Jobs, NIGHTLY } from './jobs.js';
import { Live } from './live/live.js';
import { Metrics, type MetricSources } from './observability/metrics.js';
import { diskProblem, type Probe } from './observability/readiness.js';
import { rebuildAllSpans } from './oncall/spans.js';
import { purgeAll } from './purge.js';
import { Releases } from './releases/releases.js';
import { SecureSide } from './secure-side.js';
import { ensureFirstUser } from './security/users.js';
import { Vault } from './security/vault.js';
import { runSelfChecks } from './self-checks.js';
import { Answers } from './slo/answers.js';
import { SloRecorder } from './slo/recorder.js';
import { databaseProblem } from './store/probe.js';
import { openStore, type Store } from './store/store.js';
import { collectorVersion } from './version.js';
import { pushDue } from './webhooks/webhooks.js';

/** The composition root: every stage of the collector, built in the order in which data flows. */
export class Collector {
  private readonly config: CollectorConfig;
  private readonly logger: Logger;
  private readonly metrics: Metrics;
  private readonly store: Store;
  private readonly vault: Vault;
  private readonly live: Live;
  private readonly errorLines: ErrorLines;
  private readonly errorLog: ErrorLog;
  private readonly membership: Membership;
  private readonly answers = new Answers();
  private readonly slo: SloRecorder;
  private readonly joint: Joint | undefined;
  private readonly ingest: Ingest;
  private readonly broker: Broker;
  private readonly commands: Commands;
  private readonly desired: DesiredPublisher;
  private readonly alerts: Alerts;
  private readonly handbook = Handbook.read(fileURLToPath(new URL('../handbook', import.meta.url)));
  private readonly incidentSide: IncidentSide;
  private app: FastifyInstance | undefined;
  private secureSide: SecureSide | undefined;
  private readonly jobs: Jobs;
  private stopping: Promise<void> | undefined;

  /**
   * Open the database and bring it to today's schema.
   * @param errorLines where the logger sends its errors
   */
  static async create(config: CollectorConfig, logger: Logger, errorLines: ErrorLines): Promise<Collector> {
    const metrics = new Metrics();
    const store = await openStore(storePlace(config), {
      onIdleError: (error) =>
        logger.warn({ err: error }, 'a connection to the database broke; another one is made'),
      onQuery: (sql, seconds, failed) => metrics.queried(sql, seconds, failed),
    });
    return new Collector(config, { logger, errorLines, metrics, store });
  }

  private constructor(
    config: CollectorConfig,
    {
      logger,
      errorLines,
      metrics,
      store,
    }: { logger: Logger; errorLines: ErrorLines; metrics: Metrics; store: Store },
  ) {
    this.config = config;
    this.logger = logger;
    this.metrics = metrics;
    this.store = store;
    this.errorLines = errorLines;
    this.errorLog = new ErrorLog({ store, lines: errorLines, version: collectorVersion(), logger });
    mkdirSync(config.dataDir, { recursive: true });
    this.vault = Vault.open(config.dataDir);
    const now = Date.now;
    this.live = new Live({
      onlineGateways: () => onlineGateways(store),
      sendCommand: (gateway, command) => this.broker.publish(gateway, 'command', command),
      now,
      logger,
    });
    this.commands = new Commands({
      send: (gateway, command) => this.broker.publish(gateway, 'command', command),
      now,
    });
    this.desired = new DesiredPublisher({
      store,
      publish: (gateway, message) => this.broker.publish(gateway, 'desired', message),
      logger,
    });
    this.membership = new Membership({ store, shared: config.databaseUrl !== undefined, now, logger });
    this.jobs = new Jobs({ leads: () => this.membership.leads, metrics, logger });
    const { answers, membership } = this;
    this.slo = new SloRecorder({ store, answers, membership, now, logger });
    this.joint = config.redisUrl === undefined ? undefined : joinByRedis(config.redisUrl, logger);
    this.ingest = new Ingest({
      ...{ store, metrics, instance: this.membership.id },
      sendReceipt: (gateway, receipt) => this.broker.publish(gateway, 'receipt', receipt),
      onStatus: (gateway, status, at) => this.live.gatewayChanged(gateway, status, at),
      onStored: (gateway, records) => this.live.stored(gateway, records),
      onLive: (gateway, message) => this.live.seen(gateway, message),
      onResult: (gateway, result) => this.commands.take(gateway, result),
      now,
      logger,
    });
    this.broker = new Broker({
      ...config.mqtt,
      joint: this.joint,
      secrets: (gateway) => gatewaySecrets(store, now(), gateway),
      certificates: {
        problem: (certificate) => certificateProblem(store, certificate, now()),
        used: (certificate) => retireOlder(store, certificate, now()),
      },
      onMessage: (message) => this.ingest.take(message),
      onDisconnect: (gateway) => this.ingest.disconnected(gateway),
      now,
      logger,
    });
    this.incidentSide = new IncidentSide({
      ...{ store, vault: this.vault, config, handbook: this.handbook },
      ...{ membership: this.membership, live: this.live },
      now,
      logger,
    });
    this.alerts = this.alertEngine();
  }

  private alertEngine(): Alerts {
    const { store, config, metrics, logger } = this;
    const now = Date.now;
    return new Alerts({
      ...{ store, dataDir: config.dataDir, databaseFile: this.databaseFile() },
      counters: () => metrics.counters(),
      brokerProblem: () => this.broker.problem(),
      broker: () => this.broker.numbers(),
      watcherSilence: () => this.incidentSide.watcherSilence(),
      connects: (gateway) => this.broker.trafficOf(gateway).connects,
      onFiring: (trx, alert) => this.incidentSide.fires(trx, alert),
      onResolved: (trx, alert) => this.incidentSide.resolves(trx, alert),
      suppressions,
      now,
      logger,
    });
  }

  /** Start every stage; `firstPassword` is given once, on the very first start. */
  async start(): Promise<{
    httpUrl: string;
    mqttUrl: string;
    secureUrls: string[];
    firstPassword: string | undefined;
  }> {
    await this.membership.start();
    this.errorLog.start();
    await this.rebuildSums();
    this.secureSide = await SecureSide.open(this.config, { logger: this.logger, now: Date.now });
    this.app = await createApp({
      store: this.store,
      vault: this.vault,
      live: this.live,
      commands: this.commands,
      releases: new Releases(join(this.config.dataDir, 'releases')),
      connections: {
        ...{ collector: this.membership.id, since: Date.now() },
        of: (gateway) => this.broker.trafficOf(gateway),
      },
      handbook: this.handbook,
      notify: this.incidentSide.notifySide(),
      onDesired: () => this.desired.look(),
      webRoot: fileURLToPath(new URL('../dist/web', import.meta.url)),
      metrics: this.metrics,
      answers: this.answers,
      probes: this.probes(),
      version: collectorVersion(),
      enrolment: this.secureSide?.enrolment,
      defaultTimeZone: this.config.timeZone,
      onRevoked: () => void this.broker.checkLogins(),
      sendCode: this.incidentSide.sendCode,
      now: Date.now,
      logger: this.logger,
    });
    const { host, port } = this.config.http;
    const httpUrl = await this.app.listen({ host, port });
    const mqtt = await this.broker.start();
    const wsUrls = await this.startWebSocket();
    await this.desired.start();
    const secureUrls = (await this.secureSide?.start({ broker: this.broker, app: this.app })) ?? [];
    secureUrls.push(...wsUrls);
    this.jobs.every(NIGHTLY, 'purge', () => this.purge());
    const checks = { databaseFile: this.databaseFile(), logger: this.logger };
    this.jobs.every(NIGHTLY, 'self checks', () => runSelfChecks(this.store, checks, Date.now()));
    this.jobs.every(EVERY_QUARTER_MINUTE, 'webhooks', async () => {
      await pushDue(this.store, this.vault, Date.now());
    });
    this.jobs.every(EVERY_QUARTER_MINUTE, 'roll-outs', () => this.advanceRollouts());
    this.jobs.every(EVERY_MINUTE, 'sums', () => this.rebuildSums());
    this.jobs.every(NIGHTLY, 'on-call', () => rebuildAllSpans(this.store, Date.now()));
    this.jobs.every(EVERY_5_SECONDS, 'alerts', () =>
      this.alerts.tick().finally(() => this.incidentSide.tellPages()),
    );
    this.incidentSide.start(this.jobs);
    await this.slo.start();
    // Last, because the password is shown this once: a start that fails must not have used it up.
    this.metrics.follow(this.metricSources());
    const firstPassword = await ensureFirstUser(this.store, Date.now());
    const mqttUrl = `mqtt://${this.config.mqtt.host}:${mqtt.port}`;
    return { httpUrl, mqttUrl, secureUrls, firstPassword };
  }

  /** Read the certificate files again, as every hour, and say in the log what the listeners show. */
  async reload(): Promise<void> {
    if (this.secureSide === undefined)
      this.logger.info('there are no TLS listeners whose certificate could be read again');
    else await this.secureSide.refresh(true);
  }

  /** Stop in the order in which data flows: no new requests and messages, finish those under way, close the file. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  /** Open only where the configuration names it. @returns its address */
  private async startWebSocket(): Promise<string[]> {
    const { ws } = this.config;
    if (ws === undefined) return [];
    return [`ws://${ws.host}:${(await this.broker.startWebSocket(ws)).port}`];
  }

  /** SQLite's file; a server has none. */
  private databaseFile(): string | undefined {
    return this.config.databaseUrl === undefined ? storePlace(this.config) : undefined;
  }

  private metricSources(): MetricSources {
    const { store } = this;
    return {
      version: collectorVersion(),
      databaseFile: this.databaseFile(),
      broker: () => this.broker.numbers(),
      gateways: () => gatewaysByStatus(store),
      cameras: () => camerasByState(store),
      incidents: () => openBySeverity(store),
      ingestDropped: () => this.ingest.dropped,
      errorGroupsOpen: () => openErrorGroups(store),
      errorLinesDropped: () => this.errorLines.dropped,
    };
  }

  private probes(): Probe[] {
    return [
      // A write, because a disk that is full or broken still reads.
      { component: 'database', ask: () => databaseProblem(this.store) },
      { component: 'broker', ask: () => Promise.resolve(this.broker.problem()) },
      ...(this.joint === undefined ? [] : [{ component: 'redis', ask: this.joint.problem }]),
      { component: 'disk', ask: () => diskProblem(this.config.dataDir) },
    ];
  }

  private async purge(): Promise<void> {
    const purged = await purgeAll(this.store, this.config.retention, Date.now());
    this.logger.info(purged, 'purged');
  }

  private async advanceRollouts(): Promise<void> {
    const moved = await advanceRollouts(this.store, Date.now());
    for (const rollout of moved)
      this.logger[rollout.state === 'halted' ? 'warn' : 'info'](rollout, 'a roll-out has moved on');
    if (moved.length > 0) await this.desired.look();
  }

  private async rebuildSums(): Promise<void> {
    for (const gateway of await rebuildRollups(this.store)) this.logger.info({ gateway }, 'sums made anew');
  }

  private async shutDown(): Promise<void> {
    await stopInOrder(
      [
        ['jobs', () => this.jobs.stop()],
        ['alerts', () => this.alerts.stop()],
        ['notifications', () => this.incidentSide.stop()],
        ['live pages', () => this.live.stop()],
        ['https', () => this.secureSide?.stop()],
        ['http', () => this.app?.close()],
        ['desired configurations', () => this.desired.stop()],
        ['broker', () => this.broker.stop()],
        ['joint', () => this.joint?.close()],
        ['ingest', () => this.ingest.stop()],
        ['promises', () => this.slo.stop()],
        ['membership', () => this.membership.stop()],
        ['error groups', () => this.errorLog.stop()],
        ['store', () => this.store.destroy()],
      ],
      this.logger,
    );
  }
}
