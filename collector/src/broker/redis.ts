import persistence from 'aedes-persistence-redis';
import { Redis } from 'ioredis';
import mqemitter from 'mqemitter-redis';
import type { Logger } from 'pino';

/** What joins the brokers of several collectors. */
export interface Joint {
  /** Carries messages between the brokers. */
  readonly mq: object;
  /** Holds what is retained, and the wills of brokers that died. */
  readonly persistence: object;
  /** Why Redis does not answer; undefined while it does. */
  readonly problem: () => Promise<string | undefined>;
  readonly close: () => void;
}

/** Join this broker to the others through a Redis server. @param url such as redis://:password@host:6379 */
export function joinByRedis(url: string, logger: Logger): Joint {
  const connect = (purpose: string) => {
    const connection = new Redis(url, { maxRetriesPerRequest: null, connectionName: `headcount-${purpose}` });
    connection.on('error', (error: Error) =>
      logger.error({ err: error, purpose }, 'Redis cannot be reached'),
    );
    return connection;
  };
  const [sub, pub, store] = [connect('subscribe'), connect('publish'), connect('store')];
  return {
    mq: mqemitter({ subConn: sub, pubConn: pub }),
    persistence: persistence({ conn: store }),
    problem: async () => {
      await store.ping();
      return undefined;
    },
    close: () => {
      for (const connection of [sub, pub, store]) connection.disconnect();
    },
  };
}
