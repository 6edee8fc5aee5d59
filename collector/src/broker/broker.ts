import { createServer, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type Server as TlsServer,
} from 'node:tls';
import {
  AGENT_CHANNELS,
  filterForAll,
  MAX_PAYLOAD_BYTES,
  parseTopic,
  topicFor,
  type Channel,
} from '@headcount/shared';
import { Aedes, type AedesPublishPacket, type Client } from 'aedes';
import { clientCertificate } from '../pki/client-certificate.js';
import { Access, AccessError, addressOf } from './access.js';
import { aedesOptions, CONNECT_TIMEOUT_MS, DRAIN_TIMEOUT, placesFor } from './aedes-options.js';
import type { BrokerNumbers, BrokerOptions } from './broker-parts.js';
import { listen, unlisten } from './listen.js';
import type { Scan } from './packets.js';
import { BrokerProbe, newProbeIdentity } from './probe.js';
import { watchReads } from './reading.js';
import { RefusalLog } from './refusals.js';
import { Traffic, type GatewayTraffic, type OpenConnection } from './traffic.js';
import { webSocketServer, type WebSocketStream } from './websocket.js';

/** Logins of open connections are looked at again so often (ms): a certificate or password may end meanwhile. */
const LOGIN_CHECK_MS = 10_000;
/** Connections of the collector itself on the listener without TLS; they come on top of the gateways'. */
const OWN_CONNECTIONS = 1;
/** Largest packet before the login: names, password and will fit; a stranger may not make us hold more. */
const STRANGER_BYTES = 16 * 1024;
/** The topic and the header around a payload. */
const PACKET_MARGIN = 1024;

/** Channels that matter to every collector: pages are open at any of them. */
const HEARD_BY_ALL: ReadonlySet<Channel> = new Set(['live', 'result']);

/** What carries MQTT: a TCP or TLS socket, or a stream over WebSocket. */
type Connection = Socket | WebSocketStream;

/** The MQTT broker inside the collector: a gateway may talk on its own root only, and nobody else may talk at all. */
export class Broker {
  private readonly options: BrokerOptions;
  private readonly refusals: RefusalLog;
  private readonly access: Access;
  private readonly probe: BrokerProbe;
  private readonly sockets = new Map<Connection, OpenConnection['protocol']>();
  private readonly traffic = new Traffic();
  private readonly loggedIn = new WeakSet<object>();
  private readonly opened = new WeakMap<object, OpenConnection>();
  private servers: Server[] = [];
  private secureServer: TlsServer | undefined;
  private loginCheck: NodeJS.Timeout | undefined;
  private aedes: Aedes | undefined;
  /** Connections that have been counted: each message that waited for one fails with it. */
  private readonly tooSlow = new WeakSet<object>();
  private slowConsumers = 0;
  /** Messages that are being handled. */
  private inFlight = 0;

  constructor(options: BrokerOptions) {
    this.options = options;
    const { secrets, certificates, now, logger } = options;
    this.refusals = new RefusalLog(logger, now);
    const probe = newProbeIdentity();
    this.probe = new BrokerProbe(probe);
    this.access = new Access({
      secrets,
      certificates,
      now,
      probe,
      refusals: this.refusals,
      traffic: this.traffic,
    });
  }

  /** Listen; resolves with the real port. */
  async start(): Promise<{ port: number }> {
    const { host, port } = this.options;
    const aedes = await Aedes.createBroker(
      aedesOptions({ ...this.options, access: this.access, traffic: this.traffic }),
    );
    this.aedes = aedes;
    this.follow(aedes);
    await this.takeMessages(aedes);
    const server = createServer((socket) => this.accept(aedes, socket, 'tcp'));
    this.loginCheck = setInterval(() => void this.checkLogins(), LOGIN_CHECK_MS);
    const taken = await this.open(server, { host, port }, OWN_CONNECTIONS);
    this.probe.start(`mqtt://${reachable(host)}:${taken}`);
    return { port: taken };
  }

  /**
   * Listen for TLS connections too, with the same rules; who shows a certificate needs no password.
   * @param context what to show, and the authority of the gateways' certificates
   */
  async startSecure(
    place: { host: string; port: number },
    context: SecureContextOptions,
  ): Promise<{ port: number }> {
    const { aedes } = this;
    if (aedes === undefined) throw new Error('the broker is not running');
    const options = {
      ...context,
      requestCert: true,
      // A connection without a certificate may log in with a password; `Access` looks at what was shown.
      rejectUnauthorized: false,
      handshakeTimeout: CONNECT_TIMEOUT_MS,
    };
    const server = createTlsServer(options, (socket) => this.accept(aedes, socket, 'tls'));
    server.on('tlsClientError', ({ message }, socket) => {
      this.refusals.note('TLS handshake failed', socket.remoteAddress ?? 'unknown', { problem: message });
    });
    this.secureServer = server;
    return { port: await this.open(server, place) };
  }

  /** Listen for WebSocket connections too, with the same rules; for networks that let nothing else through. */
  async startWebSocket(place: { host: string; port: number }): Promise<{ port: number }> {
    const { aedes } = this;
    if (aedes === undefined) throw new Error('the broker is not running');
    const server = webSocketServer(MAX_PAYLOAD_BYTES + PACKET_MARGIN, (stream) =>
      this.accept(aedes, stream, 'websocket'),
    );
    return { port: await this.open(server, place) };
  }

  /** Show another certificate to connections from now on. */
  setSecureContext(context: SecureContextOptions): void {
    this.secureServer?.setSecureContext(context);
  }

  /** End connections whose certificate or password has ended since they logged in. */
  async checkLogins(): Promise<void> {
    const sockets = new Map<Client, Connection>();
    for (const socket of this.sockets.keys()) {
      const client = clientOf(socket);
      if (client !== undefined && this.loggedIn.has(socket)) sockets.set(client, socket);
    }
    try {
      for (const [client, problem] of await this.access.endedLogins([...sockets.keys()])) {
        this.refusals.note(`connection ended: ${problem}`, client.id);
        sockets.get(client)?.destroy();
      }
    } catch (error) {
      this.options.logger.error({ err: error }, 'logins could not be looked at again');
    }
  }

  /** What a gateway has sent and received at this collector since its start, and how it is connected now. */
  trafficOf(gateway: string): GatewayTraffic {
    return this.traffic.of(gateway);
  }

  /** Open connections, and what was refused so far. */
  numbers(): BrokerNumbers {
    const { roundTripSeconds = 0, lost } = this.probe;
    // Without the probe's own connection.
    const connections = [...this.sockets.keys()].filter(
      (socket) => !this.access.isOwn(clientOf(socket)),
    ).length;
    const probe = { probeSeconds: roundTripSeconds, probesLost: lost };
    const { slowConsumers } = this;
    const refused = this.refusals.total;
    const inFlight = this.inFlight / placesFor(this.options.maxConnections);
    const logins = { denials: this.access.denials, wrongLogins: this.access.wrongLogins() };
    return {
      connections,
      refused,
      slowConsumers,
      inFlight,
      traffic: this.traffic.totals(),
      ...logins,
      ...probe,
    };
  }

  /** Why gateways cannot connect; undefined while they can. */
  problem(): string | undefined {
    const listens = this.servers.length > 0 && this.servers.every(({ listening }) => listening);
    return listens ? this.probe.problem() : 'the broker does not listen';
  }

  /** Stop listening and close every connection. */
  async stop(): Promise<void> {
    const { servers, aedes } = this;
    this.servers = [];
    this.aedes = undefined;
    clearInterval(this.loginCheck);
    await this.probe.stop();
    const closed = servers.map(unlisten);
    for (const socket of this.sockets.keys()) socket.destroy();
    await Promise.all(closed);
    if (aedes !== undefined) await new Promise<void>((resolve) => aedes.close(resolve));
  }

  /** Send a message to one gateway, QoS 1; the desired configuration is kept for a gateway that is away. */
  async publish(gateway: string, channel: 'receipt' | 'command' | 'desired', message: object): Promise<void> {
    const { aedes } = this;
    // A broker that has stopped has nobody to send to; what matters is sent again on the next connection.
    if (aedes === undefined) return;
    const packet = {
      cmd: 'publish' as const,
      topic: topicFor(gateway, channel),
      payload: JSON.stringify(message),
      qos: 1 as const,
      retain: channel === 'desired',
      dup: false,
    };
    await new Promise<void>((resolve, reject) => {
      aedes.publish(packet, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  private async open(
    server: Server,
    { host, port }: { host: string; port: number },
    own = 0,
  ): Promise<number> {
    const { maxConnections, logger } = this.options;
    server.maxConnections = maxConnections + own;
    server.on('drop', (drop) => {
      this.refusals.note('too many connections', drop?.remoteAddress ?? 'unknown', { maxConnections });
    });
    const taken = await listen(server, { host, port });
    server.on('error', (error) => logger.error({ err: error }, 'the MQTT listener failed'));
    this.servers.push(server);
    return taken;
  }

  private follow(aedes: Aedes): void {
    const { onDisconnect, logger } = this.options;
    aedes.on('client', (client) => {
      this.loggedIn.add(client.conn);
      if (this.access.isOwn(client)) return;
      const connection = this.describe(client);
      this.opened.set(client.conn, connection);
      this.traffic.opened(client.id, connection);
    });
    aedes.on('clientDisconnect', ({ id, conn }) => {
      if (this.access.isOwn({ id })) return;
      const connection = this.opened.get(conn);
      if (connection !== undefined) this.traffic.closed(id, connection);
      onDisconnect(id).catch((error: unknown) =>
        logger.error({ err: error, gateway: id }, 'disconnect failed'),
      );
    });
    const failed = (client: Client, error: Error) => {
      // What was refused has said so already.
      if (error instanceof AccessError) return;
      if (error.message === DRAIN_TIMEOUT && !this.tooSlow.has(client)) {
        this.tooSlow.add(client);
        this.slowConsumers += 1;
      }
      this.refusals.note('connection failed', this.access.peerOf(client), { problem: error.message });
    };
    aedes.on('clientError', failed);
    aedes.on('connectionError', failed);
  }

  private async takeMessages(aedes: Aedes): Promise<void> {
    const deliver = ({ topic, payload, brokerId }: AedesPublishPacket, done: () => void) => {
      const parsed = parseTopic(topic);
      // The collector of another broker stores what came to it; who waits for an answer may be here.
      const foreign = brokerId !== aedes.id;
      if (parsed === undefined || (foreign && !HEARD_BY_ALL.has(parsed.channel))) {
        done();
        return;
      }
      this.inFlight += 1;
      this.options
        .onMessage({ ...parsed, topic, payload: Buffer.from(payload) })
        .catch((error: unknown) =>
          this.options.logger.error({ err: error, topic }, 'a message could not be handled'),
        )
        .finally(() => {
          this.inFlight -= 1;
          done();
        });
    };
    for (const channel of AGENT_CHANNELS) {
      await new Promise<void>((resolve) => aedes.subscribe(filterForAll(channel), deliver, resolve));
    }
  }

  private describe(client: Client): OpenConnection {
    const socket = client.conn as Connection;
    return {
      since: this.options.now(),
      address: addressOf(client),
      protocol: this.sockets.get(socket) ?? 'tcp',
      login: clientCertificate(socket) === undefined ? 'password' : 'certificate',
      bytesOut: () => socket.bytesWritten,
    };
  }

  private accept(aedes: Aedes, socket: Connection, protocol: OpenConnection['protocol']): void {
    this.sockets.set(socket, protocol);
    socket.on('close', () => this.sockets.delete(socket));
    const limit = () => (this.loggedIn.has(socket) ? MAX_PAYLOAD_BYTES + PACKET_MARGIN : STRANGER_BYTES);
    watchReads(socket, {
      maxBytes: limit,
      onTooLarge: (announcedBytes) => {
        const client = clientOf(socket);
        const peer = client === undefined ? (socket.remoteAddress ?? 'unknown') : this.access.peerOf(client);
        this.refusals.note('packet too large', peer, { announcedBytes, limitBytes: limit() });
      },
      onRead: (scan) => this.charge(socket, scan),
    });
    aedes.handle(socket);
  }

  /** @returns for how long a connection is not read (ms) */
  private charge(socket: Connection, scan: Scan): number {
    const client = clientOf(socket);
    if (client === undefined || !this.loggedIn.has(socket) || this.access.isOwn(client)) return 0;
    const answer = this.traffic.received(client.id, scan, this.options.now());
    if (typeof answer === 'number') return answer;
    this.refusals.note(`connection ended: ${answer}`, client.id);
    this.traffic.refused(client.id);
    socket.destroy();
    return 0;
  }
}

/** The address at which this process reaches a listener that takes every address. */
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}

/** Aedes hangs the client on its connection. */
function clientOf(socket: Connection): Client | undefined {
  return (socket as Connection & { client?: Client }).client;
}
