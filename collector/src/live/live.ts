import { randomUUID } from 'node:crypto';
import {
  CONTRACT_VERSION,
  type CommandMessage,
  type LiveMessage,
  type OutboxRecord,
} from '@headcount/shared';
import type { Logger } from 'pino';
import type { LiveEvent } from '../schema/api.js';
import type { GatewayStatus } from '../store/tables.js';

/** How long one watch command lasts, and how often it is renewed while somebody looks (ms). */
const WATCH_MS = 60_000;
const RENEW_MS = 30_000;
/** A watcher that is this many events behind is dropped: its browser connects again and reads everything anew. */
const MAX_BEHIND = 500;
/** People who may watch at a time. */
const MAX_WATCHERS = 200;

/** One open page. `send` returns how many events it is behind. */
export interface Watcher {
  readonly send: (event: LiveEvent) => number;
  readonly close: () => void;
}

/** What the live hub needs. */
export interface LiveOptions {
  readonly onlineGateways: () => Promise<string[]>;
  readonly sendCommand: (gateway: string, command: CommandMessage) => Promise<void>;
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Passes on what happens to the pages that are open, and asks gateways for live messages only while there are some. */
export class Live {
  private readonly options: LiveOptions;
  private readonly watchers = new Set<Watcher>();
  private renew: NodeJS.Timeout | undefined;
  /** Watchers that were too slow. */
  dropped = 0;

  constructor(options: LiveOptions) {
    this.options = options;
  }

  /** Add an open page; false when there are too many. Returns how to remove it. */
  watch(watcher: Watcher): (() => void) | undefined {
    if (this.watchers.size >= MAX_WATCHERS) return undefined;
    this.watchers.add(watcher);
    this.renew ??= setInterval(() => this.askAll(), RENEW_MS);
    this.askAll();
    return () => this.remove(watcher);
  }

  stop(): void {
    clearInterval(this.renew);
    for (const watcher of this.watchers) watcher.close();
    this.watchers.clear();
  }

  gatewayChanged(gateway: string, status: GatewayStatus, at: number): void {
    this.send({ type: 'gateway', gateway, status, at });
    if (status === 'online' && this.watchers.size > 0) this.ask(gateway);
  }

  /** @param at UTC ms */
  incidentChanged(incident: string, at: number): void {
    this.send({ type: 'incident', incident, at });
  }

  stored(gateway: string, records: readonly OutboxRecord[]): void {
    if (this.watchers.size === 0) return;
    // One event per line: a backlog of hundreds of intervals would push every page over its limit.
    const counted = new Map<string, LiveEvent>();
    for (const record of records) {
      if (record.kind === 'camera') {
        const { camera, state, cause, at } = record;
        this.send({ type: 'camera', gateway, camera, state, cause, at });
      } else if (record.kind === 'count') {
        const { camera, line, start } = record;
        counted.set(`${camera}/${line}`, { type: 'counts', gateway, camera, line, start });
      }
    }
    for (const event of counted.values()) this.send(event);
  }

  seen(gateway: string, live: LiveMessage): void {
    for (const { id, fps, inView, lines, zones, crossings } of live.cameras) {
      const pending = lines.map((line) => ({ id: line.id, pending: line.pending }));
      const camera = { camera: id, fps, inView, lines: pending, zones, crossings };
      this.send({ type: 'live', gateway, at: live.at, ...camera });
    }
  }

  private send(event: LiveEvent): void {
    for (const watcher of this.watchers) {
      if (watcher.send(event) <= MAX_BEHIND) continue;
      this.dropped += 1;
      this.options.logger.warn({ dropped: this.dropped }, 'a page was too slow and was cut off');
      watcher.close();
      this.remove(watcher);
    }
  }

  private remove(watcher: Watcher): void {
    this.watchers.delete(watcher);
    if (this.watchers.size > 0) return;
    clearInterval(this.renew);
    this.renew = undefined;
  }

  private askAll(): void {
    this.options.onlineGateways().then(
      (gateways) => {
        for (const gateway of gateways) this.ask(gateway);
      },
      (error: unknown) => this.options.logger.error({ err: error }, 'cannot tell which gateways are online'),
    );
  }

  private ask(gateway: string): void {
    const deadline = this.options.now() + WATCH_MS;
    const command: CommandMessage = { v: CONTRACT_VERSION, id: randomUUID(), kind: 'watch', deadline };
    this.options
      .sendCommand(gateway, command)
      .catch((error: unknown) =>
        this.options.logger.error({ err: error, gateway }, 'watch command not sent'),
      );
  }
}
