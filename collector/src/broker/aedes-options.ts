import type { AedesOptions } from 'aedes';
import type { Logger } from 'pino';
import type { Access } from './access.js';
import type { Joint } from './redis.js';
import type { Traffic } from './traffic.js';

/** A connection that has not logged in by then is closed (ms). */
export const CONNECT_TIMEOUT_MS = 10_000;
/** A gateway that reads nothing for so long is disconnected, so that its messages do not pile up here (ms). */
const DRAIN_TIMEOUT_MS = 30_000;
/** What Aedes says when it does so. */
export const DRAIN_TIMEOUT = 'drain timeout';
/** Packets of one client that may wait for its login. */
const QUEUE_LIMIT = 100;
/**
 * Messages of all clients that are handed on at a time, beside one of each connection: a batch that waits for the database
 * must not keep the birth of another gateway waiting.
 */
const CONCURRENCY = 100;

/** Messages that are handed on at a time at most. */
export const placesFor = (maxConnections: number): number => maxConnections + CONCURRENCY;

/** How Aedes asks for everything that a client wants, and its limits. */
export function aedesOptions(parts: {
  readonly access: Access;
  readonly traffic: Traffic;
  readonly maxConnections: number;
  readonly joint?: Joint | undefined;
  readonly logger: Logger;
}): AedesOptions {
  const { access, traffic, joint, logger } = parts;
  return {
    ...(joint !== undefined && { mq: joint.mq, persistence: joint.persistence }),
    concurrency: placesFor(parts.maxConnections),
    queueLimit: QUEUE_LIMIT,
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    maxClientsIdLength: 64,
    preConnect: (client, packet, done) => {
      access.prepare(client, packet);
      done(null, true);
    },
    authenticate: (client, username, password, done) => {
      access.logIn(client, username, password).then(
        (problem) => {
          if (problem === undefined) done(null, true);
          else done(problem, false);
        },
        (error: unknown) => {
          logger.error({ err: error }, 'a login could not be checked');
          done(null, false);
        },
      );
    },
    authorizePublish: (client, packet, done) => done(access.publishProblem(client, packet)),
    authorizeSubscribe: (client, subscription, done) => {
      done(null, access.maySubscribe(client, subscription.topic) ? subscription : null);
    },
    authorizeForward: (client, packet) => {
      traffic.sent(client.id);
      return packet;
    },
  };
}
