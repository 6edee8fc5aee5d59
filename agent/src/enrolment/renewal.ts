import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  CONTRACT_VERSION,
  needsRenewal,
  RENEW_PATH,
  renewAnswerSchema,
  SECRET_MODE,
  writeFileAtomically,
} from '@headcount/shared';
import type { Logger } from 'pino';
import type { CollectorConfig } from '../config/collector-config.js';
import { tlsOptions } from '../uplink/connection.js';
import { httpsJson } from '../uplink/https.js';
import { certificateRequest } from './request.js';

/** How often the certificate is looked at (ms); a failed renewal is tried again then, for months. */
const PERIOD_MS = 3_600_000;
/** The first look after a start (ms): not among everything else that starts. */
const FIRST_MS = 60_000;
const DEADLINE_MS = 60_000;

/** What renewal needs. */
export interface RenewalOptions {
  /** https:// address of the collector, without a path. */
  readonly httpsUrl: string;
  readonly files: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
  /** UTC ms. */
  readonly now: () => number;
  /** 0 to 1; spreads the gateways of a fleet. */
  readonly random: () => number;
  readonly logger: Logger;
}

/** Replaces the gateway's certificate when a third of its life is left, with the old one as the login. */
export class CertificateRenewal {
  private readonly options: RenewalOptions;
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  constructor(options: RenewalOptions) {
    this.options = options;
  }

  start(): void {
    this.timer ??= setTimeout(() => void this.look(), FIRST_MS * (1 + this.options.random()));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.stopping.abort();
  }

  /**
   * Renew the certificate if it is time. The key stays, so that a power cut cannot leave a key without its certificate;
   * the connection to the broker stays too and shows the new one when it is made anew.
   * @returns whether there is a new certificate
   * @throws Error of the files, the network or the collector
   */
  async renewIfDue(): Promise<boolean> {
    const { httpsUrl, files, now, logger } = this.options;
    const { ca = '', cert = '', key = '' } = tlsOptions(files);
    const { validFrom, validTo } = new X509Certificate(cert);
    if (!needsRenewal({ from: Date.parse(validFrom), to: Date.parse(validTo) }, now())) return false;
    const body = { v: CONTRACT_VERSION, request: await certificateRequest(key) };
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(DEADLINE_MS)]);
    const answer = renewAnswerSchema.parse(
      await httpsJson(httpsUrl + RENEW_PATH, { ca, cert, key, body, signal }),
    );
    const renewed = new X509Certificate(answer.certificate);
    if (!renewed.checkPrivateKey(createPrivateKey(readFileSync(files.keyFile))))
      throw new Error('the new certificate is not for the key of this gateway');
    writeFileAtomically(files.certFile, answer.certificate, SECRET_MODE);
    if (answer.authority !== ca) writeFileAtomically(files.caFile, answer.authority, SECRET_MODE);
    logger.info({ validTo: renewed.validTo }, 'the certificate of this gateway was renewed');
    return true;
  }

  private async look(): Promise<void> {
    try {
      await this.renewIfDue();
    } catch (error) {
      if (!this.stopping.signal.aborted)
        this.options.logger.error({ err: error }, 'the certificate of this gateway could not be renewed yet');
    }
    if (this.stopping.signal.aborted) return;
    this.timer = setTimeout(() => void this.look(), PERIOD_MS * (0.75 + this.options.random() / 2));
  }
}

/** The renewal of an enrolled gateway; undefined for one whose certificate somebody else looks after, or that has none. */
export function createRenewal(collector: CollectorConfig, logger: Logger): CertificateRenewal | undefined {
  const { httpsUrl, caFile, certFile, keyFile } = collector;
  if (httpsUrl === undefined || caFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) return undefined;
  const files = { caFile, certFile, keyFile };
  return new CertificateRenewal({ httpsUrl, files, now: Date.now, random: Math.random, logger });
}
