import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopInOrder } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import cron from 'node-cron';
import type { Logger } from 'pino';
import { Alerts } from './alerts/alerts.js';
import { createApp } from './api/app.js';
import { verifyAuditLog } from './audit-log/audit-log.js';
import { Broker } from './broker/broker.js';
import { joinByRedis, type Joint } from './broker/redis.js';
import { Membership } from './cluster/membership.js';
import { Commands } from './commands/commands.js';
import { storePlace, type CollectorConfig } from './config/config.js';
import { purgeLateQuarters } from './counts/late-quarters.js';
import { purgeCounts } from './counts/retention.js';
import { rebuildRollups } from './counts/rollups.js';
import { certificateProblem, purgeEnrolments, retireOlder } from './fleet/certificates.js';
import { gatewaySecrets } from './fleet/credentials.js';
import { DesiredPublisher } from './fleet/desired-publisher.js';
import { onlineGateways, purgeHostSamples } from './fleet/fleet.js';
import { camerasByState, gatewaysByStatus } from './fleet/overview.js';
import { advanceRollouts } from './fleet/rollout-engine.js';
import { purgeDeadLetters } from './ingest/dead-letters.js';
import { Ingest } from './ingest/ingest.js';
import { Live } from './live/live.js';
import { Metrics, type MetricSources } from './observability/metrics.js';
import { diskProblem, type Probe } from './observability/readiness.js';
import { Releases } from './releases/releases.js';
import { SecureSide } from './secure-side.js';
import { purgeSessions } from './security/sessions.js';
import { ensureFirstUser } from './security/users.js';
import { Vault } from './security/vault.js';
import { databaseProblem } from './store/probe.js';
import { openStore, type Store } from './store/store.js';
import { collectorVersion } from './version.js';
import { pushDue } from './webhooks/webhooks.js';

/** Every night at an hour when few people count. */
const NIGHTLY = '17 3 * * *';
const DAY_MS = 24 * 3_600_000;
/** Sums that are to be made anew do not wait for the next start. */
const EVERY_MINUTE = '* * * * *';
const EVERY_5_SECONDS = '*/5 * * * * *';
const EVERY_QUARTER_MINUTE = '*/15 * * * * *';

/** What the timers' library has to say, such as a run that came late because the process was busy. */
function cronLogger(logger: Logger, job: string) {
  const say = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string | Error) =>
    logger[level]({ job }, message instanceof Error ? message.message : message);
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}

/** The composition root: every stage of the collector, built in the order in which data flows. */
export class Collector {
  private readonly config: CollectorConfig;
  private readonly logger: Logger;
  private readonly metrics: Metrics;
  private readonly store: Store;
  private readonly vault: Vault;
  private readonly live: Live;
  private readonly membership: Membership;
  private readonly joint: Joint | undefined;
  private readonly ingest: Ingest;
  private readonly broker: Broker;
  private readonly commands: Commands;
  private readonly desired: DesiredPublisher;
  private readonly alerts: Alerts;
  private app: FastifyInstance | undefined;
  private secureSide: SecureSide | undefined;
  private jobs: { stop: () => unknown }[] = [];
  private stopping: Promise<void> | undefined;

  /** Open the database and bring it to today's schema. */
  static async create(config: CollectorConfig, logger: Logger): Promise<Collector> {
    const metrics = new Metrics();
    const store = await openStore(storePlace(config), {
      onIdleError: (error) =>
        logger.warn({ err: error }, 'a connection to the database broke; another one is made'),
      onQuery: (sql, seconds, failed) => metrics.queried(sql, seconds, failed),
    });
    return new Collector(config, { logger, metrics, store });
  }

  private constructor(
    config: CollectorConfig,
    { logger, metrics, store }: { logger: Logger; metrics: Metrics; store: Store },
  ) {
    this.config = config;
    this.logger = logger;
    this.metrics = metrics;
    this.store = store;
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
    this.alerts = new Alerts({
      ...{ store, dataDir: config.dataDir, databaseFile: this.databaseFile() },
      counters: () => metrics.counters(),
      brokerProblem: () => this.broker.problem(),
      connects: (gateway) => this.broker.trafficOf(gateway).connects,
      onFiring: (_trx, { ruleSlug, severity, asset }) => {
        logger.warn({ rule: ruleSlug, severity, asset: asset.path }, 'an alert fires');
        return Promise.resolve();
      },
      onResolved: () => Promise.resolve(),
      suppressions: () => Promise.resolve(new Map<string, readonly string[]>()),
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
      onDesired: () => this.desired.look(),
      webRoot: fileURLToPath(new URL('../dist/web', import.meta.url)),
      metrics: this.metrics,
      probes: this.probes(),
      version: collectorVersion(),
      enrolment: this.secureSide?.enrolment,
      defaultTimeZone: this.config.timeZone,
      onRevoked: () => void this.broker.checkLogins(),
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
    this.jobs = [
      this.job('purge', NIGHTLY, () => this.purge()),
      this.job('webhooks', EVERY_QUARTER_MINUTE, async () => {
        await pushDue(this.store, this.vault, Date.now());
      }),
      this.job('roll-outs', EVERY_QUARTER_MINUTE, () => this.advanceRollouts()),
      this.job('sums', EVERY_MINUTE, () => this.rebuildSums()),
      this.job('alerts', EVERY_5_SECONDS, () => this.alerts.tick()),
    ];
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
      ingestDropped: () => this.ingest.dropped,
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

  /** A timer whose failure is logged and measured, and never the end of the collector. */
  private job(name: string, when: string, work: () => Promise<void>): { stop: () => unknown } {
    const run = async () => {
      // One of the collectors that share a database runs the timers.
      if (!this.membership.leads) return;
      await this.metrics
        .job(name, work, Date.now)
        .catch((error: unknown) => this.logger.error({ err: error, job: name }, 'a timer failed'));
    };
    // Without it the library writes its own lines between those of the log.
    return cron.schedule(when, run, { noOverlap: true, logger: cronLogger(this.logger, name) });
  }

  private async purge(): Promise<void> {
    const now = Date.now();
    const { minuteDays, quarterDays, eventDays, hostDays, deadLetterDays } = this.config.retention;
    const before = (days: number) => now - days * DAY_MS;
    const sessions = await purgeSessions(this.store, now);
    const letters = await purgeDeadLetters(this.store, before(deadLetterDays));
    const hostSamples = await purgeHostSamples(this.store, before(hostDays));
    const enrolments = await purgeEnrolments(this.store, now);
    const keep = { minutes: before(minuteDays), quarters: before(quarterDays), events: before(eventDays) };
    const counts = await purgeCounts(this.store, keep);
    const lateQuarters = await purgeLateQuarters(this.store, now);
    const { entries, hash, broken } = await verifyAuditLog(this.store);
    if (broken !== undefined) this.logger.error({ entries, ...broken }, 'the audit log was tampered with');
    // Kept elsewhere, the hash proves that nothing was cut off the end.
    else this.logger.info({ entries, hash }, 'audit log verified');
    this.logger.info({ sessions, letters, hostSamples, enrolments, lateQuarters, ...counts }, 'purged');
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
        ['jobs', () => Promise.all(this.jobs.map((job) => job.stop()))],
        ['alerts', () => this.alerts.stop()],
        ['live pages', () => this.live.stop()],
        ['https', () => this.secureSide?.stop()],
        ['http', () => this.app?.close()],
        ['desired configurations', () => this.desired.stop()],
        ['broker', () => this.broker.stop()],
        ['joint', () => this.joint?.close()],
        ['ingest', () => this.ingest.stop()],
        ['membership', () => this.membership.stop()],
        ['store', () => this.store.destroy()],
      ],
      this.logger,
    );
  }
}
