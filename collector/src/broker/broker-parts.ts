import type { Channel } from '@headcount/shared';
import type { Logger } from 'pino';
import type { CertificateRules, StoredSecrets } from './access.js';
import type { Joint } from './redis.js';
import type { TrafficNumbers } from './traffic.js';

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
  /** What joins this broker to others; alone without it. */
  readonly joint?: Joint | undefined;
  readonly secrets: StoredSecrets;
  readonly certificates: CertificateRules;
  /** Takes a message; the sender's connection is read on when the promise settles. */
  readonly onMessage: (message: GatewayMessage) => Promise<void>;
  /** A gateway's connection has ended, whatever the reason. */
  readonly onDisconnect: (gateway: string) => Promise<void>;
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Numbers of the whole broker, for its metrics. */
export interface BrokerNumbers {
  readonly connections: number;
  readonly refused: number;
  /** Connections that were ended because they read nothing. */
  readonly slowConsumers: number;
  /** Of the messages that may be handled at a time, those that are (share). */
  readonly inFlight: number;
  /** What known gateways tried and may not. */
  readonly denials: number;
  /** The most of one address in the last five minutes. */
  readonly wrongLogins: number;
  readonly probeSeconds: number;
  readonly probesLost: number;
  readonly traffic: TrafficNumbers;
}
