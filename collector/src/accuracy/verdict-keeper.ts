import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { LineRef } from '../schema/manual-audits.js';
import type { Store } from '../store/store.js';
import { lineKey } from './evidence.js';
import { readRisks } from './read-risks.js';
import { judgeLine } from './stored-verdicts.js';

/** Between two portions of work, of some milliseconds each, everybody else gets their turn (ms). */
const PAUSE_MS = 5;
const AT_ONCE = 50;
/** A line that could not be judged is tried again after this. */
const RETRY_MS = 3_600_000;
/** As it is stored for a line without a sign. */
const NO_RISK = '[]';

/** What the keeper needs. */
export interface VerdictKeeperOptions {
  readonly store: Store;
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Keeps the stored verdicts true, line by line, so that the event loop is never held up for long. */
export class VerdictKeeper {
  private readonly options: VerdictKeeperOptions;
  private readonly stopping = new AbortController();
  private readonly running = new Set<Promise<void>>();

  constructor(options: VerdictKeeperOptions) {
    this.options = options;
  }

  /** Judge every line whose time has come. */
  judgeDue(): Promise<void> {
    return this.run(async () => {
      const { store, now, logger } = this.options;
      for (let due = await this.due(); due.length > 0; due = await this.due())
        for (const line of due) {
          try {
            await judgeLine(store, line, now());
          } catch (error) {
            if (this.stopping.signal.aborted) return;
            logger.error({ err: error, line: lineKey(line) }, 'a line could not be judged; again in an hour');
            await verdictOf(store, line)
              .set({ judge_at: now() + RETRY_MS })
              .execute();
          }
          await this.pause();
        }
    });
  }

  /** Look for signs of a wrong count at every line; those whose signs have changed are judged again soon. */
  lookForRisks(): Promise<void> {
    return this.run(async () => {
      const { store, now } = this.options;
      const { byLine } = await readRisks(store, now(), this.pause);
      const gateways = await store.selectFrom('gateway').select('name').orderBy('name').execute();
      for (const { name: gateway } of gateways) {
        const rows = await store
          .selectFrom('line_verdict')
          .select(['gateway', 'camera', 'line', 'risks'])
          .where('gateway', '=', gateway)
          .execute();
        for (const { risks, ...line } of rows) {
          const found = JSON.stringify(byLine.get(lineKey(line)) ?? []);
          if (found === risks) continue;
          // Nobody has waited for the news that there is none.
          const again = found !== NO_RISK || risks !== null;
          await verdictOf(store, line)
            .set({ risks: found, ...(again && { judge_at: 0 }) })
            .execute();
        }
        await this.pause();
      }
    });
  }

  /** Wait for what is under way; nothing follows. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.allSettled(this.running);
  }

  private async due(): Promise<LineRef[]> {
    return this.options.store
      .selectFrom('line_verdict')
      .select(['gateway', 'camera', 'line'])
      .where('judge_at', '<=', this.options.now())
      .orderBy('judge_at')
      .limit(AT_ONCE)
      .execute();
  }

  private readonly pause = (): Promise<void> =>
    setTimeout(PAUSE_MS, undefined, { signal: this.stopping.signal });

  /** A stop ends the work at the next pause; it is no failure. */
  private async run(work: () => Promise<void>): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const running = work().catch((error: unknown) => {
      if (!this.stopping.signal.aborted) throw error;
    });
    this.running.add(running);
    await running.finally(() => this.running.delete(running));
  }
}

function verdictOf(store: Store, { gateway, camera, line }: LineRef) {
  return store
    .updateTable('line_verdict')
    .where('gateway', '=', gateway)
    .where('camera', '=', camera)
    .where('line', '=', line);
}
