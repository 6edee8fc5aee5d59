import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { openOutbox } from '../../agent/src/outbox/sqlite-outbox.js';
import { SimulatedSite, type Truth } from './simulated-site.js';

/** How long a gateway is without its collector, and how much it may keep. */
export interface OfflineRunOptions {
  readonly days: number;
  readonly cameras: number;
  readonly linesPerCamera: number;
  readonly maxBytes: number;
}

/** What came of it. */
export interface OfflineRun {
  /** Records that were written, and that wait in the end. */
  readonly written: number;
  readonly waiting: number;
  readonly merged: number;
  readonly thinned: number;
  readonly dropped: number;
  /** The largest that file and write-ahead log have been. */
  readonly peakBytes: number;
  /** The longest step of housekeeping (ms): the event loop stands still for so long. */
  readonly longestStepMs: number;
  readonly truth: Truth;
  /** The same sums over what the outbox gives when it is drained. */
  readonly drained: Truth;
  readonly openedMs: number;
  /** Bytes on the disk after everything was settled and the file had a minute to shrink. */
  readonly emptyBytes: number;
}

const MINUTES_A_COMMIT = 60;
/** Of the 3600 that a real hour has. */
const STEPS_A_COMMIT = 20;
const MINUTES_A_DAY = 1440;

/** Let a gateway count without a collector, then drain it, with real SQLite; only cameras and time are simulated. */
export function offlineRun({ days, maxBytes, ...gateway }: OfflineRunOptions): OfflineRun {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-offline-'));
  const file = join(folder, 'outbox.sqlite');
  const site = new SimulatedSite({ ...gateway, start: Date.UTC(2026, 0, 1) });
  const open = () => openOutbox({ file, now: () => site.now, logger: pino({ level: 'silent' }), maxBytes });
  try {
    let outbox = open();
    let written = 0;
    let peakBytes = 0;
    let longestStepMs = 0;
    for (let minute = 0; minute < days * MINUTES_A_DAY; minute += MINUTES_A_COMMIT) {
      const records = site.next(MINUTES_A_COMMIT);
      outbox.commit({ records });
      written += records.length;
      for (let step = 0; step < STEPS_A_COMMIT; step++) {
        const started = performance.now();
        outbox.maintain();
        longestStepMs = Math.max(longestStepMs, performance.now() - started);
      }
      peakBytes = Math.max(peakBytes, sizeOf(file) + sizeOf(`${file}-wal`));
    }
    const { waiting, merged, thinned, dropped } = outbox.stats();
    outbox.close();
    const started = performance.now();
    outbox = open();
    const openedMs = performance.now() - started;
    const drained = drain(outbox);
    for (let second = 0; second < 300; second++) outbox.maintain();
    const emptyBytes = sizeOf(file) + sizeOf(`${file}-wal`);
    outbox.close();
    const { truth } = site;
    return {
      ...{ written, waiting, merged, thinned, dropped, peakBytes, longestStepMs },
      ...{ truth, drained, openedMs, emptyBytes },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function drain(outbox: ReturnType<typeof openOutbox>): Truth {
  const sum: Truth = { in: 0, out: 0, entries: 0, observedMs: 0 };
  for (let batch = outbox.nextBatch(200); batch !== undefined; batch = outbox.nextBatch(200)) {
    for (const record of batch.records) {
      if (record.kind === 'zone') sum.entries += record.entries;
      if (record.kind !== 'count') continue;
      sum.in += record.in;
      sum.out += record.out;
      sum.observedMs += record.observedMs;
    }
    outbox.settle(batch.seqs.at(-1) ?? 0);
  }
  return sum;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
