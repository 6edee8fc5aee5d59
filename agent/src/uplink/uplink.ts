import {
  CONTRACT_VERSION,
  decode,
  desiredMessageSchema,
  receiptMessageSchema,
  topicFor,
  type BirthMessage,
  type DesiredMessage,
  type LiveMessage,
  type ReportedMessage,
  type StateMessage,
} from '@headcount/shared';
import mqtt, { type MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import type { TlsFiles } from '../config/collector-config.js';
import type { Outbox } from '../outbox/outbox.js';
import { causeOf, type UplinkCause } from './cause.js';
import { Commands, type CommandHandlers } from './commands.js';
import { explainFailure, tlsOptions } from './connection.js';
import { Drain } from './drain.js';
import { roundTrip } from './round-trip.js';
import { Watch } from './watch.js';

const KEEPALIVE_SECONDS = 30;
const CONNECT_TIMEOUT_MS = 10_000;
/** Waiting times between attempts, in seconds; half of each is random, so that gateways do not return all at once. */
const BACKOFF_SECONDS = [1, 2, 5, 10, 20, 30];
/** How long a goodbye may take (ms). */
const GOODBYE_MS = 2000;

/** What the uplink needs. */
export interface UplinkOptions {
  /** mqtt://host:port or mqtts://host:port. */
  readonly url: string;
  readonly gateway: string;
  /** Undefined where a certificate is the login. */
  readonly password: string | undefined;
  readonly tls: TlsFiles;
  readonly bootId: string;
  readonly outbox: Outbox;
  readonly birth: () => BirthMessage;
  readonly live: () => LiveMessage;
  /** How the configuration stands, and what to do with the one that the collector wants. */
  readonly reported: () => ReportedMessage;
  readonly onDesired: (desired: DesiredMessage) => Promise<void>;
  /** Who obeys which command, beside `watch`, which is obeyed here. */
  readonly commands: CommandHandlers;
  /** UTC ms and monotonic ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly random: () => number;
  /** Called whenever the connection shows life: a packet came, or an attempt ended. */
  readonly onMove: () => void;
  readonly logger: Logger;
}

/** How the connection to the collector stands. */
export interface UplinkStatus {
  readonly state: 'connecting' | 'online' | 'offline' | 'stopped';
  /** UTC ms. */
  readonly since: number;
  readonly lastReceiptAt: number | null;
  /** In words for a person; null while nothing is wrong. */
  readonly problem: string | null;
  /** What the problem comes from; null while nothing is wrong. */
  readonly cause: UplinkCause | null;
  /** Failed attempts in a row. */
  readonly attempts: number;
}

/** Keeps the connection to the collector's broker, says hello and goodbye, and drains the outbox. */
export class Uplink {
  private readonly options: UplinkOptions;
  private readonly drain: Drain;
  private readonly watch: Watch;
  private readonly commands: Commands;
  private client: MqttClient | undefined;
  private retry: NodeJS.Timeout | undefined;
  private failures = 0;
  private state: UplinkStatus['state'] = 'connecting';
  private since: number;
  private problem: string | null = null;
  private cause: UplinkCause | null = null;

  constructor(options: UplinkOptions) {
    this.options = options;
    this.since = options.now();
    const { outbox, now, logger, live, monotonic } = options;
    this.drain = new Drain({
      outbox,
      now,
      logger,
      publish: (message) => this.publish('records', message, 1),
    });
    this.watch = new Watch({ live, monotonic, publish: (message) => this.publish('live', message, 0) });
    this.commands = new Commands({
      handlers: { ...options.commands, watch: (_, { deadline }) => this.obeyWatch(deadline) },
      publish: (result) => this.publish('result', result, 1),
      now,
      logger,
    });
  }

  start(): void {
    if (this.client !== undefined) return;
    const { url, gateway, password, tls, bootId, logger } = this.options;
    const will: StateMessage = { v: CONTRACT_VERSION, status: 'offline', bootId };
    const client = mqtt.connect(url, {
      clientId: gateway,
      username: gateway,
      ...(password !== undefined && { password }),
      ...tlsOptions(tls),
      clean: true,
      keepalive: KEEPALIVE_SECONDS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // The library's fixed period would bring every gateway back in the same second; see `lost`.
      reconnectPeriod: 0,
      queueQoSZero: false,
      resubscribe: false,
      will: {
        topic: topicFor(gateway, 'state'),
        payload: Buffer.from(JSON.stringify(will)),
        qos: 1,
        retain: true,
      },
    });
    this.client = client;
    const { onMove } = this.options;
    client.on('packetreceive', onMove).on('close', onMove).on('error', onMove);
    client.on('connect', () => this.connected(client));
    client.on('message', (topic, payload) => this.receive(topic, payload));
    client.on('close', () => this.lost());
    client.on('error', (error) => {
      this.problem = explainFailure(error, { url, gateway, tls });
      this.cause = causeOf(error);
      logger.warn({ err: error }, 'uplink failed');
    });
  }

  /** New records are waiting in the outbox. */
  notify(): void {
    this.drain.notify();
  }

  /** Cameras, lines or zones changed: tell the collector what there is now. */
  announce(): void {
    if (this.state === 'online') this.publish('state', JSON.stringify(this.options.birth()), 1, true);
  }

  /** Tell the collector how the configuration stands now. */
  report(): void {
    if (this.state === 'online') this.publish('reported', JSON.stringify(this.options.reported()), 1, true);
  }

  status(): UplinkStatus {
    const { state, since, problem, cause, failures: attempts } = this;
    return { state, since, problem, cause, attempts, lastReceiptAt: this.drain.lastReceiptAt };
  }

  /** Make the next attempt now instead of at the end of its waiting time; nothing happens while connected. */
  retryNow(): void {
    if (this.retry === undefined) return;
    clearTimeout(this.retry);
    this.attempt();
  }

  /** How long the broker takes to answer (ms). @throws Error while not connected; the signal's reason */
  async roundTrip(signal: AbortSignal): Promise<number> {
    if (this.client === undefined) throw new Error('not connected');
    return roundTrip(this.client, this.options.monotonic, signal);
  }

  /** Send what still waits, for at most `deadlineMs`; then say goodbye so that the will is not sent. */
  async stop(deadlineMs: number): Promise<void> {
    const { client } = this;
    if (client === undefined || this.state === 'stopped') return;
    this.commands.stop();
    if (this.state === 'online') {
      await this.drain.untilEmpty(AbortSignal.timeout(deadlineMs));
      await this.sayGoodbye(client);
    }
    this.become('stopped');
    clearTimeout(this.retry);
    this.retry = undefined;
    this.drain.disconnect();
    this.watch.stop();
    await client.endAsync(true);
  }

  private async sayGoodbye(client: MqttClient): Promise<void> {
    const { gateway, bootId, now, logger } = this.options;
    const goodbye: StateMessage = { v: CONTRACT_VERSION, status: 'stopped', at: now(), bootId };
    const sent = client.publishAsync(topicFor(gateway, 'state'), JSON.stringify(goodbye), {
      qos: 1,
      retain: true,
    });
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`not acknowledged within ${GOODBYE_MS} ms`)), GOODBYE_MS).unref();
    });
    try {
      await Promise.race([sent, late]);
      await client.endAsync();
    } catch (error) {
      logger.warn({ err: error }, 'could not say goodbye to the collector');
    }
  }

  private connected(client: MqttClient): void {
    const { gateway, birth, logger } = this.options;
    const topics = (['receipt', 'command', 'desired'] as const).map((channel) => topicFor(gateway, channel));
    client.subscribe(topics, { qos: 1 }, (error, granted) => {
      const refused = granted?.filter(({ qos }) => qos > 2) ?? [];
      if (error !== null || refused.length > 0) {
        this.problem = 'the collector refused the subscriptions of this gateway; see its log';
        logger.error({ err: error, refused }, 'subscription refused');
        client.stream.destroy();
        return;
      }
      this.failures = 0;
      this.problem = null;
      this.cause = null;
      this.become('online');
      this.publish('state', JSON.stringify(birth()), 1, true);
      this.report();
      this.drain.connect();
    });
  }

  private lost(): void {
    if (this.state === 'stopped') return;
    if (this.state === 'online') this.problem ??= 'the connection to the collector was lost';
    this.cause ??= 'lost';
    if (this.state !== 'offline') this.become('offline');
    this.drain.disconnect();
    this.watch.stop();
    const seconds = BACKOFF_SECONDS[Math.min(this.failures, BACKOFF_SECONDS.length - 1)] ?? 1;
    this.failures += 1;
    clearTimeout(this.retry);
    const delayMs = seconds * 1000 * (0.5 + this.options.random() / 2);
    this.retry = setTimeout(() => this.attempt(), delayMs);
  }

  private attempt(): void {
    const { client } = this;
    this.retry = undefined;
    if (client === undefined) return;
    try {
      // The certificate may have been renewed since.
      Object.assign(client.options, tlsOptions(this.options.tls));
      client.reconnect();
    } catch (error) {
      this.problem = `a certificate file cannot be read: ${error instanceof Error ? error.message : String(error)}`;
      this.cause = 'certificate';
      this.options.logger.error({ err: error }, 'uplink failed');
      this.lost();
    }
  }

  private receive(topic: string, payload: Uint8Array): void {
    const { gateway, logger } = this.options;
    try {
      if (topic === topicFor(gateway, 'receipt')) this.drain.receive(decode(receiptMessageSchema, payload));
      else if (topic === topicFor(gateway, 'command')) this.commands.take(payload);
      else if (topic === topicFor(gateway, 'desired'))
        this.takeDesired(decode(desiredMessageSchema, payload));
    } catch (error) {
      logger.error({ err: error, topic }, 'message from the collector could not be used');
    }
  }

  private takeDesired(desired: DesiredMessage): void {
    this.options
      .onDesired(desired)
      .catch((error: unknown) =>
        this.options.logger.error({ err: error }, 'the desired configuration could not be taken'),
      );
  }

  private obeyWatch(deadline: number): { outcome: 'done' } {
    this.watch.extend(deadline - this.options.now());
    return { outcome: 'done' };
  }

  private publish(
    channel: 'state' | 'records' | 'live' | 'result' | 'reported',
    message: string,
    qos: 0 | 1,
    retain = false,
  ): void {
    const { gateway, logger } = this.options;
    if (this.client?.connected !== true) return;
    this.client.publish(topicFor(gateway, channel), message, { qos, retain }, (error) => {
      if (error !== undefined)
        logger.debug({ err: error, channel }, 'message not sent; the drain repeats records');
    });
  }

  private become(state: UplinkStatus['state']): void {
    this.state = state;
    this.since = this.options.now();
    this.options.logger.info({ state, problem: this.problem }, 'uplink');
  }
}
