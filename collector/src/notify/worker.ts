import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Vault } from '../security/vault.js';
import type { Store } from '../store/store.js';
import type { NotificationRow } from '../store/tables-notify.js';
import {
  beginAttempt,
  defer,
  dueNotifications,
  orphanedAttempts,
  settleAttempt,
  type Leased,
} from './attempts.js';
import { gatherDigests } from './digest.js';
import type { Channels, Outcome } from './message.js';
import { unsealed } from './sealed.js';
import { messageOf } from './template.js';
import { Throttle } from './throttle.js';
import { ATTEMPT_MS } from './transitions.js';

/** How often the outbox is looked at when nobody wakes the worker (ms). */
const POLL_MS = 1000;
/** Messages that are sent at the same time. */
const CONCURRENCY = 8;
/** Due messages that are looked at together, so that one contact that is throttled holds up nobody. */
const LOOK_AT = 50;
/** I/O ends a second before the outbox gives the attempt up (ms). */
const IO_MS = ATTEMPT_MS - 1000;
/** Messages on their way when the collector stops have so long to end (ms). */
const STOP_MS = 5000;

/** What the worker needs. */
export interface NotifyWorkerOptions {
  readonly store: Store;
  /** Opens what stands sealed in the outbox. */
  readonly vault: Vault;
  readonly channels: Channels;
  /** Without it messages carry no links. */
  readonly publicUrl: string | undefined;
  /** This collector, among those that share the database. */
  readonly instance: string;
  /** Whether this collector runs the timers. */
  readonly leads: () => boolean;
  /** A message to this contact was accepted. */
  readonly onDelivered?: (contact: string) => Promise<void>;
  /** This contact's address does not work. */
  readonly onFailed?: (contact: string) => Promise<void>;
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Sends what is in the outbox, the most urgent first. */
export class NotifyWorker {
  private readonly options: NotifyWorkerOptions;
  private readonly throttle = new Throttle();
  private readonly running = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  /** Ends the attempts that are still running when the collector must end. */
  private readonly hurry = new AbortController();
  private waking = new AbortController();
  private loop: Promise<void> | undefined;
  private lookedAt = 0;

  constructor(options: NotifyWorkerOptions) {
    this.options = options;
  }

  start(): void {
    this.lookedAt = this.options.now();
    this.loop ??= this.run();
  }

  /** Something was queued: look at once. */
  wake(): void {
    this.waking.abort();
  }

  /** When the outbox was last looked at (UTC ms); for the dead-man's switch. */
  get progressAt(): number {
    return this.lookedAt;
  }

  /** Begin no attempt any more and wait for those that run; what does not end is sent again, marked, after the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const late = setTimeout(() => this.hurry.abort(), STOP_MS);
    await this.loop;
    await Promise.all(this.running);
    clearTimeout(late);
  }

  private async run(): Promise<void> {
    const { leads, logger, now } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.waking = new AbortController();
      try {
        if (leads()) await this.look();
        this.lookedAt = now();
      } catch (error) {
        logger.error({ err: error }, 'the outbox of notifications could not be looked at');
      }
      await sleep(POLL_MS, undefined, { signal: AbortSignal.any([signal, this.waking.signal]) }).catch(
        () => undefined,
      );
    }
  }

  /** Begin whatever is due and may be sent now. */
  private async look(): Promise<void> {
    const { store, now, instance } = this.options;
    for (const orphan of await orphanedAttempts(store, { holder: instance, now: now() }))
      await this.settle(orphan, { kind: 'unknown', error: 'the collector ended while it was sending' });
    await gatherDigests(store, now());
    for (const due of await dueNotifications(store, now(), LOOK_AT)) {
      if (this.stopping.signal.aborted || this.running.size >= CONCURRENCY) return;
      await this.begin(due);
    }
  }

  private async begin(due: NotificationRow): Promise<void> {
    const { store, publicUrl, instance, now } = this.options;
    const waitMs = this.throttle.take({ ...due }, now());
    if (waitMs > 0) {
      await defer(store, due, now() + waitMs);
      return;
    }
    const context = { holder: instance, links: publicUrl !== undefined, now: now() };
    const leased = await beginAttempt(store, due, context);
    if (leased === undefined) return;
    // Read before the next one is begun: sends start in the order in which they were leased.
    const firstRef = await firstRefOf(store, leased.row);
    const sending = this.attempt(leased, firstRef)
      .catch((error: unknown) =>
        this.options.logger.error(
          { err: error, notification: due.id },
          'a notification could not be settled',
        ),
      )
      .finally(() => {
        this.running.delete(sending);
        // A place is free.
        this.wake();
      });
    this.running.add(sending);
  }

  private async attempt({ row, token }: Leased, firstRef: string | undefined): Promise<void> {
    const { publicUrl, channels, vault } = this.options;
    const channel = channels[row.channel];
    if (channel === undefined) {
      const error = `the channel ${row.channel} is not set up; see notify in the configuration`;
      await this.settle(row, { kind: 'perm', error, contactFault: false });
      return;
    }
    const signal = AbortSignal.any([AbortSignal.timeout(IO_MS), this.hurry.signal]);
    const send = async () =>
      channel.send(messageOf(unsealed(row, vault), { publicUrl, token, firstRef }), signal);
    await this.settle(row, await send().catch((error: unknown) => this.defect(row, error)));
  }

  /** A channel never throws; where one does all the same, nobody knows how far it came. */
  private defect({ id: notification, channel }: NotificationRow, error: unknown): Outcome {
    this.options.logger.error({ err: error, notification, channel }, 'a channel failed');
    return { kind: 'unknown', error: "the channel failed; the collector's log says why" };
  }

  private async settle(row: NotificationRow, outcome: Outcome): Promise<void> {
    const { store, now, logger } = this.options;
    const at = now();
    const { id: notification, channel, attempts } = row;
    if (outcome.kind === 'ok' && outcome.pauseMs !== undefined)
      this.throttle.pause(row, at + outcome.pauseMs);
    if (outcome.kind === 'temp' && outcome.retryAfterMs !== undefined)
      this.throttle.pause(row, at + outcome.retryAfterMs);
    const next = await settleAttempt(store, row, outcome, { now: at, random: Math.random() });
    const about = { notification, channel, attempts, state: next?.state };
    if (outcome.kind === 'ok') logger.info(about, 'a notification was sent');
    else logger.warn({ ...about, problem: outcome.error }, 'a notification was not sent');
    if (next?.fallback) this.wake();
    await this.tell(row.contact, outcome);
  }

  /** Whoever keeps the contacts learns how they do; a failure there changes nothing here. */
  private async tell(contact: string, outcome: Outcome): Promise<void> {
    const { onDelivered, onFailed, logger } = this.options;
    try {
      if (outcome.kind === 'ok') await onDelivered?.(contact);
      if (outcome.kind === 'perm' && outcome.contactFault) await onFailed?.(contact);
    } catch (error) {
      logger.error({ err: error, contact }, 'the state of a contact could not be noted');
    }
  }
}

/** Id at the provider of the first message of the thread that was sent. */
async function firstRefOf(store: Store, { id, thread }: NotificationRow): Promise<string | undefined> {
  if (thread === null) return undefined;
  const first = await store
    .selectFrom('notification')
    .select('provider_ref')
    .where('thread', '=', thread)
    .where('id', '!=', id)
    .where('provider_ref', 'is not', null)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst();
  return first?.provider_ref ?? undefined;
}
