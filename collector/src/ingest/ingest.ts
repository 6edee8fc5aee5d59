import {
  decode,
  liveMessageSchema,
  PayloadError,
  recordsMessageSchema,
  resultMessageSchema,
  stateMessageSchema,
  type LiveMessage,
  type OutboxRecord,
  type ReceiptMessage,
} from '@headcount/shared';
import type { Logger } from 'pino';
import type { GatewayMessage } from '../broker/broker.js';
import { applyState, touchGateway } from '../fleet/fleet.js';
import type { Store } from '../store/store.js';
import type { GatewayStatus } from '../store/tables.js';
import { storeBatch } from './batch.js';
import { addDeadLetter } from './dead-letters.js';

/** What ingest needs; the listeners feed the live page. */
export interface IngestOptions {
  readonly store: Store;
  readonly sendReceipt: (gateway: string, receipt: ReceiptMessage) => Promise<void>;
  readonly onStatus: (gateway: string, status: GatewayStatus, at: number) => void;
  readonly onStored: (gateway: string, records: readonly OutboxRecord[]) => void;
  readonly onLive: (gateway: string, live: LiveMessage) => void;
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
  private readonly work = new Set<Promise<void>>();

  constructor(options: IngestOptions) {
    this.options = options;
  }

  /** Take one message; the broker waits for it, which bounds how many are under way. */
  async take(message: GatewayMessage): Promise<void> {
    const work = this.handle(message);
    this.work.add(work);
    try {
      await work;
    } finally {
      this.work.delete(work);
    }
  }

  /** Wait for the messages under way. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.work);
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
        epoch: null,
        seq: null,
        reason: error.message.slice(0, 500),
        payload: text,
      };
      await addDeadLetter(store, letter, now());
      if (channel !== 'live') await touchGateway(store, gateway, now());
    }
  }

  private async dispatch({ gateway, channel, topic, payload }: GatewayMessage): Promise<void> {
    const { store, now, onStatus, onLive, logger } = this.options;
    switch (channel) {
      case 'records':
        return this.takeRecords(gateway, topic, payload);
      case 'state': {
        const at = now();
        const status = await applyState(store, gateway, decode(stateMessageSchema, payload), at);
        if (status !== undefined) onStatus(gateway, status, at);
        return;
      }
      case 'live': {
        onLive(gateway, decode(liveMessageSchema, payload));
        return;
      }
      case 'result': {
        const result = decode(resultMessageSchema, payload);
        if (result.outcome !== 'done') logger.warn({ gateway, result }, 'a gateway could not do a command');
        return;
      }
      default:
        throw new PayloadError(`nothing is expected on ${channel} yet`);
    }
  }

  private async takeRecords(gateway: string, topic: string, payload: Uint8Array): Promise<void> {
    const { store, sendReceipt, onStored, now, logger } = this.options;
    const message = decode(recordsMessageSchema, payload);
    const { receipt, stored, missing } = await storeBatch(store, { gateway, topic }, message, now());
    if (missing > 0)
      logger.error({ gateway, missing, before: message.firstSeq }, 'records are missing for ever');
    for (const letter of receipt.deadLettered)
      logger.error({ gateway, ...letter }, 'record kept as a dead letter');
    // After the commit, never before: the gateway forgets what the receipt covers.
    await sendReceipt(gateway, receipt);
    onStored(gateway, stored);
  }
}
