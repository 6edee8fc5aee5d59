import type { DesiredMessage } from '@headcount/shared';
import type { Logger } from 'pino';
import type { Store } from '../store/store.js';
import { desiredMessage, desiredOf, newestVersions } from './desired.js';

/** How often it is looked for what the command line has changed (ms). */
const LOOK_MS = 2000;

/** What the publisher needs. */
export interface DesiredPublisherOptions {
  readonly store: Store;
  readonly publish: (gateway: string, message: DesiredMessage) => Promise<void>;
  readonly logger: Logger;
}

/**
 * Publishes every gateway's desired configuration, retained, when the collector starts and whenever one changes: by
 * the API in this process or by the command line in another.
 */
export class DesiredPublisher {
  private readonly options: DesiredPublisherOptions;
  private readonly published = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(options: DesiredPublisherOptions) {
    this.options = options;
  }

  /** Call it when the broker listens. */
  async start(): Promise<void> {
    this.timer ??= setInterval(() => void this.look(), LOOK_MS);
    await this.look();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.looking;
  }

  /** Publish what is newer than what was published last. */
  look(): Promise<void> {
    this.looking ??= this.publishNew()
      .catch((error: unknown) =>
        this.options.logger.error({ err: error }, 'a desired configuration could not be published'),
      )
      .finally(() => (this.looking = undefined));
    return this.looking;
  }

  private async publishNew(): Promise<void> {
    const { store, publish, logger } = this.options;
    for (const { gateway, version } of await newestVersions(store)) {
      if (this.published.get(gateway) === version) continue;
      const desired = await desiredOf(store, gateway);
      if (desired === undefined) continue;
      await publish(gateway, desiredMessage(desired));
      this.published.set(gateway, desired.version);
      logger.info(
        { gateway, version: desired.version, author: desired.author },
        'desired configuration published',
      );
    }
  }
}
