import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Queryable, Store } from '../store/store.js';

/** How often a collector says that it is alive (ms). */
const BEAT_MS = 5000;
/** One that has not for so long is gone, and its lease with it (ms). */
const GONE_MS = 15_000;
const TIMERS = 'timers';

/** What a collector needs to be one of several. */
export interface MembershipOptions {
  readonly store: Store;
  /** Whether other collectors may work on the same database. */
  readonly shared: boolean;
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** One collector among those that share a database. */
export class Membership {
  readonly id = randomUUID();
  private readonly options: MembershipOptions;
  private timer: NodeJS.Timeout | undefined;
  private leading = false;

  constructor(options: MembershipOptions) {
    this.options = options;
  }

  /** Whether this collector runs the timers. */
  get leads(): boolean {
    return this.leading;
  }

  /** Whether another collector has been alive lately. */
  async othersAlive(): Promise<boolean> {
    const { store, now } = this.options;
    const other = await store
      .selectFrom('collector_instance')
      .select('id')
      .where('id', '!=', this.id)
      .where('seen_at', '>', now() - GONE_MS)
      .limit(1)
      .executeTakeFirst();
    return other !== undefined;
  }

  /** Say that this collector is here, and go on saying so. */
  async start(): Promise<void> {
    const { store, shared } = this.options;
    if (!shared) {
      await store.deleteFrom('collector_instance').execute();
      await store.deleteFrom('lease').execute();
    }
    await this.beat();
    this.timer = setInterval(() => {
      this.beat().catch((error: unknown) => {
        // Another one may take the timers when the lease is over, so that this one must let go.
        this.leading = false;
        // Whatever keeps the database from answering is told by those who need it.
        this.options.logger.warn({ err: error }, 'this collector could not say that it is alive');
      });
    }, BEAT_MS);
  }

  /** Give the timers back and go. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    if (this.timer === undefined) return;
    const { store } = this.options;
    this.leading = false;
    await store.deleteFrom('lease').where('holder', '=', this.id).execute();
    await store.deleteFrom('collector_instance').where('id', '=', this.id).execute();
  }

  private async beat(): Promise<void> {
    const { store, now, logger } = this.options;
    const at = now();
    await store
      .insertInto('collector_instance')
      .values({ id: this.id, seen_at: at })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at: at }))
      .execute();
    const leads = await takeLease(store, { name: TIMERS, holder: this.id, until: at + GONE_MS }, at);
    if (leads && !this.leading) logger.info({ instance: this.id }, 'this collector runs the timers');
    this.leading = leads;
    if (leads) await forgetTheGone(store, at);
  }
}

/** Take or renew a lease. @returns whether it is held now */
export async function takeLease(
  db: Queryable,
  { name, holder, until }: { name: string; holder: string; until: number },
  now: number,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('lease')
    .values({ name, holder, until_at: until })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ holder, until_at: until })
        .where((where) => where.or([where('lease.holder', '=', holder), where('lease.until_at', '<=', now)])),
    )
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** Gateways of collectors that are gone are offline until their birth comes to another one. */
async function forgetTheGone(store: Store, now: number): Promise<void> {
  await store
    .deleteFrom('collector_instance')
    .where('seen_at', '<=', now - GONE_MS)
    .execute();
  await store
    .updateTable('gateway')
    .set({ status: 'offline', status_since: now })
    .where('status', '=', 'online')
    .where((where) =>
      where.or([
        where('instance', 'is', null),
        where('instance', 'not in', where.selectFrom('collector_instance').select('id')),
      ]),
    )
    .execute();
}
