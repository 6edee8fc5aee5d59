import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { SecureListener } from './api/secure-listener.js';
import type { Broker } from './broker/broker.js';
import type { CollectorConfig } from './config/config.js';
import type { EnrolmentSide } from './fleet/enrolment-routes.js';
import { openPki, rootFingerprint, type Pki } from './pki/open.js';

/** How often the listeners' certificate is looked at (ms): it is renewed weeks before its end. */
const REFRESH_MS = 3_600_000;

/** The TLS listeners of the configuration, with a certificate that is renewed under way. */
export class SecureSide {
  private readonly config: CollectorConfig;
  private readonly logger: Logger;
  private readonly now: () => number;
  private readonly pki: Pki;
  private broker: Broker | undefined;
  private listener: SecureListener | undefined;
  private timer: NodeJS.Timeout | undefined;
  private brokerPort = 0;
  private httpsPort = 0;

  /** Undefined where the configuration names no TLS listener. @throws PkiError */
  static async open(
    config: CollectorConfig,
    context: { logger: Logger; now: () => number },
  ): Promise<SecureSide | undefined> {
    if (config.https === undefined && config.mqtts === undefined) return undefined;
    return new SecureSide(config, context, await openPki(config, context.now()));
  }

  private constructor(
    config: CollectorConfig,
    { logger, now }: { logger: Logger; now: () => number },
    pki: Pki,
  ) {
    this.config = config;
    this.logger = logger;
    this.now = now;
    this.pki = pki;
  }

  /** Undefined unless both listeners are there: a gateway enrols at one and works with the other. */
  get enrolment(): EnrolmentSide | undefined {
    const { https, mqtts } = this.config;
    if (https === undefined || mqtts === undefined) return undefined;
    const { authority, identity } = this.pki;
    return {
      authority,
      root: () => identity.root,
      brokerPort: () => this.brokerPort,
      fingerprint: rootFingerprint(this.pki),
      address: () => `https://${this.config.tls.names[0] ?? 'localhost'}:${this.httpsPort}`,
    };
  }

  /** Open the listeners beside the plain ones. @returns their addresses */
  async start(parts: { broker: Broker; app: FastifyInstance }): Promise<string[]> {
    const { https, mqtts } = this.config;
    const { context } = await this.pki.identity.refresh(this.now());
    const urls: string[] = [];
    if (https !== undefined) {
      this.listener = new SecureListener(parts.app, this.logger);
      this.httpsPort = await this.listener.start(https, context);
      urls.push(`https://${https.host}:${this.httpsPort}`);
    }
    if (mqtts !== undefined) {
      this.broker = parts.broker;
      this.brokerPort = (await parts.broker.startSecure(mqtts, context)).port;
      urls.push(`mqtts://${mqtts.host}:${this.brokerPort}`);
    }
    this.timer = setInterval(() => void this.refresh(), REFRESH_MS);
    return urls;
  }

  /**
   * Renew or read the certificate again if need be; connections that are open keep the old one, and so do the listeners when
   * the new one cannot be used.
   * @param asked a person asks, and is told what is shown even if nothing has changed
   */
  async refresh(asked = false): Promise<void> {
    const { identity } = this.pki;
    try {
      const { context, changed } = await identity.refresh(this.now());
      if (changed) {
        this.listener?.setSecureContext(context);
        this.broker?.setSecureContext(context);
      }
      const message = `the listeners show ${changed ? 'another' : 'the same'} certificate`;
      if (changed || asked) this.logger.info(identity.description, message);
    } catch (error) {
      const shown = identity.description;
      this.logger.error(
        { err: error, shown },
        "the listeners' certificate could not be renewed; the old one stays",
      );
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.listener?.stop();
  }
}
