import { createServer, type Server } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { listen, unlisten } from '../broker/listen.js';

/** A connection that has not finished its TLS handshake by then is closed (ms). */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** The API on a second listener, with TLS; the same routes and rules, and gateways may show their certificate. */
export class SecureListener {
  private readonly app: FastifyInstance;
  private readonly logger: Logger;
  private server: Server | undefined;

  constructor(app: FastifyInstance, logger: Logger) {
    this.app = app;
    this.logger = logger;
  }

  /** @returns the real port */
  async start(place: { host: string; port: number }, context: SecureContextOptions): Promise<number> {
    const options = {
      ...context,
      requestCert: true,
      // People have no certificate; the routes for gateways look at what was shown.
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    };
    this.server = createServer(options, (request, response) => this.app.routing(request, response));
    const port = await listen(this.server, place);
    this.server.on('error', (error) => this.logger.error({ err: error }, 'the HTTPS listener failed'));
    return port;
  }

  /** Show another certificate to connections from now on. */
  setSecureContext(context: SecureContextOptions): void {
    this.server?.setSecureContext(context);
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    const closed = unlisten(server);
    server.closeAllConnections();
    await closed;
  }
}
