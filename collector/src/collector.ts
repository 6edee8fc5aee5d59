import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopInOrder } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import cron from 'node-cron';
import type { Logger } from 'pino';
import { createApp } from './api/app.js';
import { verifyAuditLog } from './audit-log/audit-log.js';
import { Broker } from './broker/broker.js';
import { Commands } from './commands/commands.js';
import { storePlace, type CollectorConfig } from './config/config.js';
import { purgeCounts } from './counts/retention.js';
import { rebuildRollups } from './counts/rollups.js';
import { certificateProblem, purgeEnrolments, retireOlder } from './fleet/certificates.js';
import { DesiredPublisher } from './fleet/desired-publisher.js';
import { gatewaySecret, markAllOffline, onlineGateways, purgeHostSamples } from './fleet/fleet.js';
import { purgeDeadLetters } from './ingest/dead-letters.js';
import { Ingest } from './ingest/ingest.js';
import { Live } from './live/live.js';
import { Releases } from './releases/releases.js';
import { SecureSide } from './secure-side.js';
import { purgeSessions } from './security/sessions.js';
import { ensureFirstUser } from './security/users.js';
import { Vault } from './security/vault.js';
import { openStore, type Store } from './store/store.js';
import { collectorVersion } from './version.js';

/** Every night at an hour when few people count. */
const NIGHTLY = '17 3 * * *';
const DAY_MS = 24 * 3_600_000;
/** Sums that are to be made anew do not wait for the next start. */
const EVERY_MINUTE = '* * * * *';

/** The composition root: every stage of the collector, built in the order in which data flows. */
export class Collector {
  private readonly config: CollectorConfig;
  private readonly logger: Logger;
  private readonly store: Store;
  private readonly live: Live;
  private readonly ingest: Ingest;
  private readonly broker: Broker;
  private readonly commands: Commands;
  private readonly desired: DesiredPublisher;
  private app: FastifyInstance | undefined;
  private secureSide: SecureSide | undefined;
  private jobs: { stop: () => unknown }[] = [];
  private stopping: Promise<void> | undefined;

  /** Open the database and bring it to today's schema. */
  static async create(config: CollectorConfig, logger: Logger): Promise<Collector> {
    const store = await openStore(storePlace(config), (error) =>
      logger.warn({ err: error }, 'a connection to the database broke; another one is made'),
    );
    return new Collector(config, logger, store);
  }

  private constructor(config: CollectorConfig, logger: Logger, store: Store) {
    this.config = config;
    this.logger = logger;
    this.store = store;
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
    this.ingest = new Ingest({
      store,
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
      secretOf: (gateway) => gatewaySecret(store, gateway),
      certificates: {
        problem: (certificate) => certificateProblem(store, certificate, now()),
        used: (certificate) => retireOlder(store, certificate, now()),
      },
      onMessage: (message) => this.ingest.take(message),
      onDisconnect: (gateway) => this.ingest.disconnected(gateway),
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
    await markAllOffline(this.store, Date.now());
    await this.rebuildSums();
    mkdirSync(this.config.dataDir, { recursive: true });
    this.secureSide = await SecureSide.open(this.config, { logger: this.logger, now: Date.now });
    this.app = await createApp({
      store: this.store,
      vault: Vault.open(this.config.dataDir),
      live: this.live,
      commands: this.commands,
      releases: new Releases(join(this.config.dataDir, 'releases')),
      onDesired: () => this.desired.look(),
      webRoot: fileURLToPath(new URL('../dist/web', import.meta.url)),
      healthy: () => this.healthy(),
      version: collectorVersion(),
      enrolment: this.secureSide?.enrolment,
      now: Date.now,
      logger: this.logger,
    });
    const { host, port } = this.config.http;
    const httpUrl = await this.app.listen({ host, port });
    const mqtt = await this.broker.start();
    await this.desired.start();
    const secureUrls = (await this.secureSide?.start({ broker: this.broker, app: this.app })) ?? [];
    this.jobs = [
      cron.schedule(NIGHTLY, () => this.purge(), { noOverlap: true }),
      cron.schedule(EVERY_MINUTE, () => this.rebuildSums(), { noOverlap: true }),
    ];
    // Last, because the password is shown this once: a start that fails must not have used it up.
    const firstPassword = await ensureFirstUser(this.store, Date.now());
    const mqttUrl = `mqtt://${this.config.mqtt.host}:${mqtt.port}`;
    return { httpUrl, mqttUrl, secureUrls, firstPassword };
  }

  /** Stop in the order in which data flows: no new requests and messages, finish those under way, close the file. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  private async healthy(): Promise<boolean> {
    try {
      await this.store.selectFrom('site').select('name').limit(1).execute();
      return true;
    } catch (error) {
      this.logger.error({ err: error }, 'the database does not answer');
      return false;
    }
  }

  private async purge(): Promise<void> {
    try {
      const now = Date.now();
      const { minuteDays, quarterDays, eventDays, hostDays, deadLetterDays } = this.config.retention;
      const before = (days: number) => now - days * DAY_MS;
      const sessions = await purgeSessions(this.store, now);
      const letters = await purgeDeadLetters(this.store, before(deadLetterDays));
      const hostSamples = await purgeHostSamples(this.store, before(hostDays));
      const enrolments = await purgeEnrolments(this.store, now);
      const keep = { minutes: before(minuteDays), quarters: before(quarterDays), events: before(eventDays) };
      const counts = await purgeCounts(this.store, keep);
      const { entries, hash, broken } = await verifyAuditLog(this.store);
      if (broken !== undefined) this.logger.error({ entries, ...broken }, 'the audit log was tampered with');
      // Kept elsewhere, the hash proves that nothing was cut off the end.
      else this.logger.info({ entries, hash }, 'audit log verified');
      this.logger.info({ sessions, letters, hostSamples, enrolments, ...counts }, 'purged');
    } catch (error) {
      this.logger.error({ err: error }, 'purge failed');
    }
  }

  private async rebuildSums(): Promise<void> {
    try {
      for (const gateway of await rebuildRollups(this.store)) this.logger.info({ gateway }, 'sums made anew');
    } catch (error) {
      this.logger.error({ err: error }, 'sums could not be made anew');
    }
  }

  private async shutDown(): Promise<void> {
    await stopInOrder(
      [
        ['jobs', () => Promise.all(this.jobs.map((job) => job.stop()))],
        ['live pages', () => this.live.stop()],
        ['https', () => this.secureSide?.stop()],
        ['http', () => this.app?.close()],
        ['desired configurations', () => this.desired.stop()],
        ['broker', () => this.broker.stop()],
        ['ingest', () => this.ingest.stop()],
        ['store', () => this.store.destroy()],
      ],
      this.logger,
    );
  }
}
