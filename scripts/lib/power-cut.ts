import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  closeSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { openOutbox } from '../../agent/src/outbox/sqlite-outbox.js';

const DIST = fileURLToPath(new URL('../../agent/dist/outbox/sqlite-outbox.js', import.meta.url));
const PINO = fileURLToPath(import.meta.resolve('pino'));
const PAGE = 4096;
const logger = pino({ level: 'silent' });

/** What power cuts did to an outbox. */
export interface PowerCuts {
  readonly rounds: number;
  /** Records that the writer told of after their commit, and of these how many were gone. */
  readonly told: number;
  readonly lost: number;
  /** Copies with a torn tail that were opened; each may lose what had not been synced, nothing else. */
  readonly torn: number;
  readonly tornLost: number;
  /** The longest that the outbox took to open after a cut (ms). */
  readonly longestOpenMs: number;
}

/**
 * Kill a writer at random moments, and tear the end of copies of what it left.
 *
 * A torn page: the last page that was being written when the power went is half old, half new, or noise. Frames of the
 * write-ahead log carry checksums, so a torn frame ends the log there. All frames before it, up to the last that was
 * synced, are whole: the disk said so. So only what lies behind the last synced frame is torn here: the log is written on
 * with a half frame, noise, or zeroes. Pages of the database file are written by a checkpoint only, while the log still
 * has them; the tear is there too when the copy keeps its log.
 */
export async function powerCuts(rounds: number, random: () => number): Promise<PowerCuts> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-power-'));
  const file = join(folder, 'outbox.sqlite');
  const sum = { told: 0, lost: 0, torn: 0, tornLost: 0, longestOpenMs: 0 };
  try {
    for (let round = 0; round < rounds; round++) {
      const told = await killWriter(file, random() * 150);
      const copy = tornCopy(file, folder, random);
      const kept = lastSeqOf(copy);
      sum.torn += 1;
      sum.tornLost += Math.max(0, told - kept.lastSeq);
      const { lastSeq, openMs } = lastSeqOf(file);
      sum.told = told;
      sum.lost += Math.max(0, told - lastSeq);
      sum.longestOpenMs = Math.max(sum.longestOpenMs, openMs, kept.openMs);
    }
    return { rounds, ...sum };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Let a process commit records and tell their numbers, then kill it; the last number that it told. */
async function killWriter(file: string, afterMs: number): Promise<number> {
  const writer = `
    import { openOutbox } from ${JSON.stringify(DIST)};
    import { pino } from ${JSON.stringify(PINO)};
    const outbox = openOutbox({ file: ${JSON.stringify(file)}, now: Date.now, logger: pino({ level: 'silent' }) });
    for (let n = 0; ; n++) {
      const records = [{ kind: 'event', at: Date.now(), event: 'boot', detail: 'x'.repeat(n % 900) }];
      outbox.commit({ records, open: [{ camera: 'door', state: JSON.stringify({ n }) }] });
      process.stdout.write(outbox.stats().lastSeq + '\\n');
      if (n % 50 === 49) outbox.maintain();
      if (n % 70 === 69) outbox.settle(outbox.stats().lastSeq - 20);
      await new Promise((resolve) => setImmediate(resolve));
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (told = (told + text).slice(-1000)));
  await once(child.stdout, 'data');
  await sleep(afterMs);
  child.kill('SIGKILL');
  await once(child, 'close');
  return Number(told.slice(0, told.lastIndexOf('\n')).split('\n').at(-1));
}

/** A copy whose log goes on with a frame that was never finished. */
function tornCopy(file: string, folder: string, random: () => number): string {
  const copy = join(folder, 'torn.sqlite');
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(copy + suffix, { force: true });
    if (suffix !== '-shm' && existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix);
  }
  if (existsSync(`${copy}-wal`)) tear(`${copy}-wal`, random);
  return copy;
}

/** Write on behind what the log holds: part of its last frame again, noise or zeroes, of any length up to a page. */
function tear(log: string, random: () => number): void {
  const { size } = statSync(log);
  const length = 1 + Math.floor(random() * PAGE);
  const tail = Buffer.alloc(length);
  const fd = openSync(log, 'r+');
  const what = Math.floor(random() * 3);
  if (what === 0 && size > length) readSync(fd, tail, 0, length, size - length);
  else if (what === 1) for (let index = 0; index < length; index++) tail[index] = Math.floor(random() * 256);
  writeSync(fd, tail, 0, length, size);
  closeSync(fd);
  // A file system may also show the old length with the new one not yet known.
  if (random() < 0.2) truncateSync(log, size + Math.floor(length / 2));
}

function lastSeqOf(file: string): { lastSeq: number; openMs: number } {
  const started = performance.now();
  const outbox = openOutbox({ file, now: Date.now, logger });
  const openMs = performance.now() - started;
  const { lastSeq, waiting } = outbox.stats();
  const read = outbox.nextBatch(1_000_000)?.records.length ?? 0;
  outbox.close();
  // A file that cannot give what it says it has is as bad as one that lost it.
  return { lastSeq: read === waiting ? lastSeq : 0, openMs };
}
