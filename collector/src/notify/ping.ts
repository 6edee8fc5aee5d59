import { request } from './channels/http.js';

/** A switch that does not answer in time is asked again in a minute (ms). */
const PING_MS = 10_000;
/** An outbox that was not looked at for so long does not move any more (ms). */
const STUCK_MS = 60_000;
/** Pings are due every minute; after so long without a try nothing is known of the watcher (ms). */
const UNTRIED_MS = 3 * 60_000;

/** What is known of the outbox. */
export interface OutboxProgress {
  /** When it was last looked at, UTC ms. */
  readonly progressAt: number;
  /** Channels by which pages do not get through. */
  readonly stuck: ReadonlySet<string>;
  /** UTC ms. */
  readonly now: number;
}

/** A dead man's switch elsewhere, which raises the alarm when it is not told that pages go out. */
export class Watcher {
  private readonly url: string;
  private triedAt = 0;
  private failingSince: number | undefined;

  constructor(url: string) {
    this.url = url;
  }

  /**
   * Tell it that pages still go out. Only progress counts: while the outbox stands still, or a channel is stuck, nothing is told.
   * @throws Error when there is nothing to tell or the switch does not take it
   */
  async ping(progress: OutboxProgress): Promise<void> {
    this.triedAt = progress.now;
    try {
      await this.tell(progress);
      this.failingSince = undefined;
    } catch (error) {
      this.failingSince ??= progress.now;
      throw error;
    }
  }

  /** For how long it could not be told (ms). @param now UTC ms */
  silenceMs(now: number): number | 'unknown' {
    if (now - this.triedAt > UNTRIED_MS) return 'unknown';
    return this.failingSince === undefined ? 0 : now - this.failingSince;
  }

  private async tell({ progressAt, stuck, now }: OutboxProgress): Promise<void> {
    if (now - progressAt > STUCK_MS)
      throw new Error('the outbox of notifications stands still; the watcher is not told');
    if (stuck.size > 0)
      throw new Error(`pages by ${[...stuck].join(', ')} are stuck; the watcher is not told`);
    const signal = AbortSignal.timeout(PING_MS);
    const { status } = await request(this.url, { method: 'GET', headers: {}, body: '', signal });
    if (status >= 300) throw new Error(`the watcher answers ${status}`);
  }
}
