import {
  decode,
  liveMessageSchema,
  PayloadError,
  recordsMessageSchema,
  reportedMessageSchema,
  resultMessageSchema,
  stateMessageSchema,
  type LiveMessage,
  type OutboxRecord,
  type ReceiptMessage,
  type ResultMessage,
} from '@headcount/shared';
import type { Logger } from 'pino';
import type { GatewayMessage } from '../broker/broker-parts.js';
import { saveReported } from '../fleet/desired.js';
import { applyState, disconnectGateway, touchGateway } from '../fleet/fleet.js';
import type { Metrics } from '../observability/metrics.js';
import type { Store } from '../store/store.js';
import type { GatewayStatus } from '../store/tables.js';
import { BatchGroups } from './batch-groups.js';
import type { StoredBatch } from './batch.js';
import { addDeadLetter } from './dead-letters.js';

/**
 * Messages of one gateway that may wait. The broker reads on only when they are done, so more of them means that one
 * read of the connection brought a flood of tiny ones.
 */
const MAX_WAITING = 200;
const FLOODED =
  'a gateway sends faster than its messages can be handled; the rest is not taken and comes again';

interface Queue {
  tail: Promise<void>;
  waiting: number;
  flooded: boolean;
}

/** What ingest needs; the listeners feed the live page. */
export interface IngestOptions {
  readonly store: Store;
  readonly metrics: Metrics;
  /** This collector among those that share the database. */
  readonly instance: string;
  readonly sendReceipt: (gateway: string, receipt: ReceiptMessage) => Promise<void>;
  readonly onStatus: (gateway: string, status: GatewayStatus, at: number) => void;
  readonly onStored: (gateway: string, records: readonly OutboxRecord[]) => void;
  readonly onLive: (gateway: string, live: LiveMessage) => void;
  readonly onResult: (gateway: string, result: ResultMessage) => void;
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * One handler per channel. A message that can never be stored becomes a dead letter; a failing database gives no
 * receipt, so the gateway keeps its records and sends them again.
 */
export class Ingest {
  private readonly options: IngestOptions;
  private readonly queues = new Map<string, Queue>();
  private readonly batches: BatchGroups;
  private stopped = false;
  /** Messages that came faster than they could be handled. */
  dropped = 0;

  constructor(options: IngestOptions) {
    this.options = options;
    this.batches = new BatchGroups(options.store, options.now);
  }

  /**
   * Take one message; messages of one gateway are handled in their order. The broker waits for the promise before it
   * reads on from that gateway.
   */
  async take(message: GatewayMessage): Promise<void> {
    const { gateway, topic } = message;
    const queue = this.queues.get(gateway);
    if (this.stopped) return;
    if (queue !== undefined && queue.waiting >= MAX_WAITING) {
      this.dropped += 1;
      if (!queue.flooded) this.options.logger.warn({ gateway, topic, dropped: this.dropped }, FLOODED);
      queue.flooded = true;
      return;
    }
    await this.inTurn(gateway, () => this.handle(message));
  }

  /** The connection of a gateway has ended, with or without a goodbye. */
  async disconnected(gateway: string): Promise<void> {
    if (this.stopped) return;
    await this.inTurn(gateway, async () => {
      const { store, instance, now } = this.options;
      const at = now();
      const wasOnline = await disconnectGateway(store, { gateway, instance }, at);
      if (wasOnline) this.options.onStatus(gateway, 'offline', at);
    });
  }

  /** Take no more, and wait for the messages under way. What is not taken gets no receipt and comes again. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([...this.queues.values()].map(({ tail }) => tail));
  }

  private async inTurn(gateway: string, work: () => Promise<void>): Promise<void> {
    const queue = this.queues.get(gateway) ?? { tail: Promise.resolve(), waiting: 0, flooded: false };
    this.queues.set(gateway, queue);
    queue.waiting += 1;
    const done = queue.tail.then(work);
    queue.tail = done
      .catch(() => undefined)
      .then(() => {
        queue.waiting -= 1;
        if (queue.waiting === 0) this.queues.delete(gateway);
      });
    await done;
  }

  private async handle(message: GatewayMessage): Promise<void> {
    const { gateway, channel, topic, payload } = message;
    const { store, logger, now } = this.options;
    try {
      await this.dispatch(message);
    } catch (error) {
      if (!(error instanceof PayloadError)) throw error;
      logger.error({ gateway, topic, reason: error.message }, 'message kept as a dead letter');
      const text = Buffer.from(payload).toString('utf8');
      const letter = {
        gateway,
        topic,
        epoch: '',
        seq: 0,
        reason: error.message.slice(0, 500),
        payload: text,
      };
      await addDeadLetter(store, letter, now());
      if (channel !== 'live') await touchGateway(store, gateway, now());
    }
  }

  private async dispatch({ gateway, channel, topic, payload }: GatewayMessage): Promise<void> {
    const { store, instance, now, onStatus, onLive, onResult, logger } = this.options;
    switch (channel) {
      case 'records':
        return this.takeRecords(gateway, topic, payload);
      case 'state': {
        const at = now();
        const status = await applyState(
          store,
          { gateway, instance },
          decode(stateMessageSchema, payload),
          at,
        );
        if (status !== undefined) onStatus(gateway, status, at);
        return;
      }
      case 'live': {
        onLive(gateway, decode(liveMessageSchema, payload));
        return;
      }
      case 'result': {
        const result = decode(resultMessageSchema, payload);
        const { id, outcome, detail } = result;
        if (outcome !== 'done')
          logger.warn({ gateway, id, outcome, detail }, 'a gateway could not do a command');
        onResult(gateway, result);
        return;
      }
      case 'reported': {
        const reported = decode(reportedMessageSchema, payload);
        const { version, outcome, detail, problems } = reported;
        if (outcome === 'refused' || outcome === 'rolled-back')
          logger.warn(
            { gateway, version, outcome, detail, problems },
            'a desired configuration is not in force',
          );
        await saveReported(store, gateway, reported, now());
        return;
      }
      case 'receipt':
      case 'desired':
      case 'command':
        throw new PayloadError(`nothing is expected on ${channel} yet`);
    }
  }

  private measure({ stored, receipt, ledgerGaps }: StoredBatch, ms: number): void {
    const { metrics, now } = this.options;
    const at = now();
    metrics.ingested({
      seconds: ms / 1000,
      records: stored,
      deadLetters: receipt.deadLettered.length,
      missing: ledgerGaps.reduce((sum, gap) => sum + gap.missing_in + gap.missing_out, 0),
      lags: stored.flatMap((record) =>
        record.kind === 'count' ? [(at - record.start - record.lengthMs) / 1000] : [],
      ),
    });
  }

  private async takeRecords(gateway: string, topic: string, payload: Uint8Array): Promise<void> {
    const { metrics, sendReceipt, onStored, logger } = this.options;
    const message = decode(recordsMessageSchema, payload);
    const began = performance.now();
    const batch = await this.batches.add({ gateway, topic, message }).catch((error: unknown) => {
      metrics.ingestFailed();
      throw error;
    });
    this.measure(batch, performance.now() - began);
    const { receipt, stored, missing, ledgerGaps } = batch;
    if (missing > 0)
      logger.error(
        { gateway, missing, before: message.firstSeq },
        'a gateway skipped records; the hole is recorded',
      );
    for (const { camera, line, from_at, to_at, missing_in, missing_out } of ledgerGaps) {
      const [from, to] = [new Date(from_at).toISOString(), new Date(to_at).toISOString()];
      const text = `${missing_in + missing_out} counts missing between ${from} and ${to}`;
      logger.error({ gateway, camera, line, in: missing_in, out: missing_out }, text);
    }
    for (const letter of receipt.deadLettered)
      logger.error({ gateway, ...letter }, 'record kept as a dead letter');
    // After the commit, never before: the gateway forgets what the receipt covers. Nobody waits for it: a message holds one of the
    // places in which the broker hands messages on until it is handled, and the receipt needs such a place too.
    sendReceipt(gateway, receipt).catch((error: unknown) =>
      logger.error({ err: error, gateway }, 'a receipt could not be sent; the gateway sends its batch again'),
    );
    onStored(gateway, stored);
  }
}
