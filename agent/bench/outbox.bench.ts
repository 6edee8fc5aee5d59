import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CountRecord } from '@headcount/shared';
import { pino } from 'pino';
import type { BenchRow } from '../../scripts/lib/bench-table.js';
import { openOutbox } from '../src/outbox/sqlite-outbox.js';

const COMMITS = 500;
const BATCH = 200;

/** Durable commits (fsync) of one count each, then sending and settling them in batches. */
export function run(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-bench-'));
  const outbox = openOutbox({
    file: join(folder, 'outbox.sqlite'),
    now: Date.now,
    logger: pino({ level: 'silent' }),
  });
  try {
    let started = performance.now();
    for (let index = 0; index < COMMITS; index++) outbox.commit({ records: [record(index)] });
    const commit = (performance.now() - started) / COMMITS;
    started = performance.now();
    let settled = 0;
    for (let batch = outbox.nextBatch(BATCH); batch !== undefined; batch = outbox.nextBatch(BATCH)) {
      settled += batch.records.length;
      outbox.settle(batch.firstSeq + batch.records.length - 1);
    }
    const drain = (performance.now() - started) / settled;
    return Promise.resolve([
      { name: 'durable commit of one count', value: `${commit.toFixed(2)} ms` },
      { name: 'commits per second', value: (1000 / commit).toFixed(0) },
      { name: `read and settle in batches of ${BATCH}, per count`, value: `${(1000 * drain).toFixed(0)} µs` },
      { name: 'counts settled', value: String(settled) },
    ]);
  } finally {
    outbox.close();
    rmSync(folder, { recursive: true });
  }
}

function record(index: number): CountRecord {
  return {
    kind: 'count',
    camera: 'door',
    line: 'entrance',
    start: Date.UTC(2026, 0, 1) + index * 60_000,
    lengthMs: 60_000,
    in: 3,
    out: 2,
    stitched: 0,
    totals: { in: index * 3, out: index * 2 },
    occupancy: { min: 0, max: 4, mean: 1.2 },
    observedMs: 60_000,
    gaps: [],
    suspect: [],
    configVersion: 'bench',
    modelHash: 'a'.repeat(64),
  };
}
