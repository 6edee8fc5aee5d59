import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  AGENT_CHANNELS,
  MAX_PAYLOAD_BYTES,
  parseTopic,
  stateMessageSchema,
  topicFor,
  type Channel,
} from '@headcount/shared';
import { Aedes, type AuthenticateError, type AuthErrorCode, type Client, type PublishPacket } from 'aedes';
import type { Logger } from 'pino';
import { Attempts } from '../security/attempts.js';
import { secretMatches } from '../security/secrets.js';
import { PacketSizeGuard } from './packet-size.js';
import { describeClient, RefusalLog } from './refusals.js';

/** A connection that has not logged in by then is closed (ms). */
const CONNECT_TIMEOUT_MS = 10_000;
/** A gateway that reads nothing for so long is disconnected, so that its messages do not pile up here (ms). */
const DRAIN_TIMEOUT_MS = 30_000;
/** Packets of one client that may wait before its connection is read on. */
const QUEUE_LIMIT = 100;
/** Messages of all clients that are handed on at a time. */
const CONCURRENCY = 100;
/** The topic and the header around a payload. */
const PACKET_MARGIN = 1024;
/** Wrong passwords from one address before it has to wait. */
const WRONG_PASSWORDS = { limit: 20, windowMs: 5 * 60_000 };
/** Messages that the broker keeps when their sender is gone. */
const RETAINED: ReadonlySet<Channel> = new Set(['state', 'reported']);

/** A message of a gateway on one of its own channels. */
export interface GatewayMessage {
  readonly gateway: string;
  readonly channel: Channel;
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** What the broker needs. */
export interface BrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly maxConnections: number;
  /** The stored hash of a gateway's password; undefined for an unknown gateway. */
  readonly secretOf: (gateway: string) => Promise<string | undefined>;
  /** Takes a message; the sender is acknowledged when the promise settles. */
  readonly onMessage: (message: GatewayMessage) => Promise<void>;
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** The MQTT broker inside the collector: a gateway may talk on its own root only, and nobody else may talk at all. */
export class Broker {
  private readonly options: BrokerOptions;
  private readonly attempts = new Attempts(WRONG_PASSWORDS);
  private readonly refusals: RefusalLog;
  private server: Server | undefined;
  private aedes: Aedes | undefined;

  constructor(options: BrokerOptions) {
    this.options = options;
    this.refusals = new RefusalLog(options.logger, options.now);
  }

  /** Listen; resolves with the real port. */
  async start(): Promise<{ port: number }> {
    const aedes = await Aedes.createBroker({
      concurrency: CONCURRENCY,
      queueLimit: QUEUE_LIMIT,
      connectTimeout: CONNECT_TIMEOUT_MS,
      drainTimeout: DRAIN_TIMEOUT_MS,
      maxClientsIdLength: 64,
      authenticate: (client, username, password, done) => {
        this.logIn(client, username, password).then(
          (problem) => (problem === undefined ? done(null, true) : done(problem, false)),
          (error: unknown) => {
            this.options.logger.error({ err: error }, 'login could not be checked');
            done(refusal('the collector cannot check logins now', 3), false);
          },
        );
      },
      authorizePublish: (client, packet, done) => done(this.publishProblem(client, packet)),
      authorizeSubscribe: (client, subscription, done) => {
        const allowed = this.maySubscribe(client, subscription.topic);
        if (!allowed)
          this.refusals.note('subscription refused', {
            ...describeClient(client),
            topic: subscription.topic,
          });
        done(null, allowed ? subscription : null);
      },
    });
    this.aedes = aedes;
    aedes.on('clientError', (client, error) => this.refusals.note(error.message, describeClient(client)));
    aedes.on('connectionError', (client, error) => this.refusals.note(error.message, describeClient(client)));
    await this.takeMessages(aedes);
    const server = createServer((socket) => this.accept(aedes, socket));
    server.maxConnections = this.options.maxConnections;
    server.on('drop', (drop) => this.refusals.note('too many connections', { ip: drop?.remoteAddress }));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.options.port, this.options.host, resolve);
    });
    return { port: (server.address() as AddressInfo).port };
  }

  /** Close every connection and stop listening. */
  async stop(): Promise<void> {
    const { server, aedes } = this;
    this.server = undefined;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve).emit('closing'));
    if (aedes !== undefined && !aedes.closed)
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
  }

  /** Send a message to one gateway, QoS 1. */
  async publish(gateway: string, channel: 'receipt' | 'command', message: object): Promise<void> {
    const packet = {
      cmd: 'publish' as const,
      topic: topicFor(gateway, channel),
      payload: JSON.stringify(message),
      qos: 1 as const,
      retain: false,
      dup: false,
    };
    await new Promise<void>((resolve, reject) => {
      if (this.aedes === undefined) {
        reject(new Error('the broker is not running'));
        return;
      }
      this.aedes.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }

  private async takeMessages(aedes: Aedes): Promise<void> {
    const deliver = (packet: { topic: string; payload: string | Buffer }, done: () => void) => {
      const parsed = parseTopic(packet.topic);
      if (parsed === undefined || !AGENT_CHANNELS.has(parsed.channel)) {
        done();
        return;
      }
      const payload = Buffer.from(packet.payload);
      this.options
        .onMessage({ ...parsed, topic: packet.topic, payload })
        .catch((error: unknown) =>
          this.options.logger.error({ err: error, topic: packet.topic }, 'message failed'),
        )
        .finally(done);
    };
    await new Promise<void>((resolve) => aedes.subscribe('headcount/v1/#', deliver, resolve));
  }

  private accept(aedes: Aedes, socket: Socket): void {
    const guard = new PacketSizeGuard(MAX_PAYLOAD_BYTES + PACKET_MARGIN);
    const read = socket.read.bind(socket);
    // The broker pulls bytes with read(); looking at them there stops a huge packet before anything collects it.
    socket.read = (size?: number): unknown => {
      const chunk: unknown = read(size);
      const announced = chunk instanceof Uint8Array ? guard.inspect(chunk) : undefined;
      if (announced === undefined) return chunk;
      const limit = MAX_PAYLOAD_BYTES;
      this.refusals.note('packet too large', {
        ip: socket.remoteAddress,
        announcedBytes: announced,
        limitBytes: limit,
      });
      socket.destroy();
      return null;
    };
    const stop = () => socket.destroy();
    this.server?.once('closing', stop);
    socket.on('close', () => this.server?.off('closing', stop));
    aedes.handle(socket);
  }

  private async logIn(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<AuthenticateError | undefined> {
    const who = describeClient(client);
    const now = this.options.now();
    const key = who.ip ?? 'unknown';
    const wait = this.attempts.refusedFor(key, now);
    const problem =
      wait > 0 ? 'too many wrong passwords' : await this.loginProblem(client, username, password);
    if (problem === undefined) {
      this.attempts.succeed(key);
      return undefined;
    }
    if (wait === 0) this.attempts.fail(key, now);
    this.refusals.note('login refused', { ...who, username, problem });
    return refusal(problem, 4);
  }

  private async loginProblem(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<string | undefined> {
    if (username === undefined || password === undefined) return 'user and password are needed';
    if (client.id !== username) return 'the client id must be the gateway name';
    const stored = await this.options.secretOf(username);
    if (stored === undefined) return 'unknown gateway';
    if (!secretMatches(password.toString('utf8'), stored)) return 'wrong password';
    return this.willProblem(client, username);
  }

  /** A will is published without asking `authorizePublish` for a retained state, so it is looked at here. */
  private willProblem(client: Client, gateway: string): string | undefined {
    const will = (client as { _will?: { topic?: string; payload?: unknown } })._will;
    if (will === undefined || will === null) return undefined;
    if (will.topic !== topicFor(gateway, 'state')) return "the will must go to the gateway's own state topic";
    try {
      const payload: unknown = JSON.parse(String(will.payload));
      return stateMessageSchema.safeParse(payload).success ? undefined : 'the will is no state message';
    } catch {
      return 'the will is no state message';
    }
  }

  private publishProblem(client: Client | null, packet: PublishPacket): Error | null {
    // Null is the collector itself, for example a will that outlives its client.
    if (client === null) return null;
    const topic = parseTopic(packet.topic);
    const own = topic !== undefined && topic.gateway === client.id && AGENT_CHANNELS.has(topic.channel);
    if (own && (!packet.retain || RETAINED.has(topic.channel))) return null;
    this.refusals.note('publish refused', {
      ...describeClient(client),
      topic: packet.topic,
      retain: packet.retain,
    });
    return new Error(`gateway ${client.id} may not publish to ${packet.topic}`);
  }

  private maySubscribe(client: Client | null, filter: string): boolean {
    const topic = parseTopic(filter);
    return client !== null && topic?.gateway === client.id && !AGENT_CHANNELS.has(topic.channel);
  }
}

function refusal(message: string, returnCode: AuthErrorCode): AuthenticateError {
  return Object.assign(new Error(message), { returnCode }) as AuthenticateError;
}
