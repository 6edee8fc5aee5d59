/** How long a tick of the alert engine takes for a large fleet whose cameras change their state all the time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import type { BenchRow } from '../../scripts/lib/bench-table.js';
import { VerdictKeeper } from '../src/accuracy/verdict-keeper.js';
import { tickAlerts } from '../src/alerts/engine.js';
import { NOTHING_COUNTED, OwnNumbers } from '../src/alerts/own-numbers.js';
import { SignalReader } from '../src/alerts/reader.js';
import { Random } from '../src/simulator/random.js';
import { openStore, type Store } from '../src/store/store.js';
import { fillCounts } from './lib/counted-lines.js';

const SITES = 25;
const GATEWAYS = 1250;
const CAMERAS_EACH = 4;
const CAMERAS = GATEWAYS * CAMERAS_EACH;
const CHANGES_PER_SECOND = 500;
const TICK_S = 5;
/** Ten minutes of engine time: every source but those of hours is read several times. */
const TICKS = 120;
const HOUR_S = 3600;
/** How finely the time is measured in which nothing else is answered (ms). */
const LOOP_RESOLUTION_MS = 1;
const STATES = ['connecting', 'streaming', 'stalled', 'streaming', 'backoff'] as const;

export async function run(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-alerts-'));
  const file = join(folder, 'x.sqlite');
  const store = await openStore(file);
  const db = new Database(file);
  const start = Math.floor(Date.now() / 1000) * 1000;
  const fleet = new Fleet(db, start);
  fleet.fill();
  fillCounts(db, { gateways: GATEWAYS, camerasEach: CAMERAS_EACH, start });
  const reading = {
    ...{ ...NOTHING_COUNTED, brokerProblem: undefined, loopDelayMs: 1, diskFree: 0.5, walBytes: 0 },
    watcherSilenceMs: undefined,
    wrongLogins: 0,
    inFlight: 0,
  };
  const own = new OwnNumbers({ read: () => Promise.resolve(reading), connects: () => 1 }, start - 1e9);
  const fail = (_what: unknown, error: unknown) => {
    throw error instanceof Error ? error : new Error(String(error));
  };
  const reader = new SignalReader({ own, onError: fail });
  const times: number[] = [];
  const blocks: number[] = [];
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loop.enable();
  let [fired, announced, most] = [0, 0, 0];
  const kept = await keepVerdicts(store, { db, loop, now: start });
  try {
    for (let tick = 0; tick < TICKS; tick++) {
      const now = start + tick * TICK_S * 1000;
      fleet.live(now);
      // What the fleet wrote is none of the tick's.
      await setTimeout(5 * LOOP_RESOLUTION_MS);
      loop.reset();
      await setTimeout(5 * LOOP_RESOLUTION_MS);
      const began = performance.now();
      const counts = await tickAlerts(store, {
        ...{ now, reader, onError: fail },
        onFiring: () => Promise.resolve(),
        onResolved: () => Promise.resolve(),
        suppressions: () => Promise.resolve(() => []),
      });
      times.push(performance.now() - began);
      await setTimeout(5 * LOOP_RESOLUTION_MS);
      blocks.push(loop.max / 1e6);
      fired += counts.fire;
      announced += counts.announced;
      most = Math.max(most, counts.stillOpen);
    }
  } finally {
    loop.disable();
    db.close();
    await store.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
  const [first, firstBlock] = [ms(times[0]), ms(blocks[0])];
  const spread = (values: number[]) => {
    values.sort((a, b) => a - b);
    const at = (share: number) => ms(values[Math.floor(values.length * share)]);
    return `${at(0.5)}, ${at(0.95)}, ${ms(values.at(-1))}`;
  };
  return [
    {
      name: 'cameras, changes of state a second, ticks',
      value: `${CAMERAS}, ${CHANGES_PER_SECOND}, ${TICKS}`,
    },
    { name: 'tick p50, p95, longest', value: spread(times) },
    { name: 'longest stretch in a tick in which nothing else is answered', value: spread(blocks) },
    { name: 'first tick, which reads everything; its longest stretch', value: `${first}; ${firstBlock}` },
    { name: 'all lines judged by their keeper: time, longest stretch', value: kept },
    { name: 'alerts fired, handed on, open at most', value: `${fired}, ${announced}, ${most}` },
  ];
}

function ms(value = NaN): string {
  return `${value.toFixed(0)} ms`;
}

/** Signs and verdicts of all lines, of which none is known yet; how long it takes, and for how long nothing else is answered. */
async function keepVerdicts(
  store: Store,
  { db, loop, now }: { db: Database.Database; loop: IntervalHistogram; now: number },
): Promise<string> {
  db.exec(
    `INSERT INTO line_verdict (gateway, camera, line, judge_at) SELECT gateway, camera, id, 0 FROM line`,
  );
  const keeper = new VerdictKeeper({ store, now: () => now, logger: pino() });
  await setTimeout(5 * LOOP_RESOLUTION_MS);
  loop.reset();
  const began = performance.now();
  await keeper.lookForRisks();
  await keeper.judgeDue();
  return `${ms(performance.now() - began)}; ${ms(loop.max / 1e6)}`;
}

/** Rows straight into the file, as ingest would have left them. */
class Fleet {
  private readonly db: Database.Database;
  private readonly start: number;
  private readonly random = new Random(1);
  private seq = 0;

  constructor(db: Database.Database, start: number) {
    this.db = db;
    this.start = start;
    db.pragma('synchronous = OFF');
  }

  /** The fleet, and an hour of changes before the beginning. */
  fill(): void {
    const site = this.db.prepare(`INSERT INTO site (name, time_zone) VALUES (?, 'UTC')`);
    const gateway = this.db.prepare(
      `INSERT INTO gateway (name, site, secret_hash, added_at, status, last_seen_at) VALUES (?, ?, 'x', 1, 'online', ?)`,
    );
    const camera = this.db.prepare(
      `INSERT INTO camera (gateway, id, name, present, state) VALUES (?, ?, ?, 1, 'streaming')`,
    );
    const line = this.db.prepare(
      `INSERT INTO line (gateway, camera, id, name, present, first_at) VALUES (?, ?, 'door', 'Door', 1, ?)`,
    );
    this.db.transaction(() => {
      for (let index = 0; index < SITES; index++) site.run(`site-${index}`);
      for (let index = 0; index < GATEWAYS; index++) {
        gateway.run(`g-${index}`, `site-${index % SITES}`, this.start);
        for (let one = 0; one < CAMERAS_EACH; one++) {
          camera.run(`g-${index}`, `cam-${one}`, `Camera ${one}`);
          line.run(`g-${index}`, `cam-${one}`, this.start);
        }
      }
      for (let second = HOUR_S; second > 0; second -= TICK_S) this.change(this.start - second * 1000);
    })();
    this.db.exec('ANALYZE');
  }

  /** Everybody is heard, and cameras change their state. */
  live(now: number): void {
    this.db.transaction(() => {
      this.db.prepare('UPDATE gateway SET last_seen_at = ?').run(now);
      this.change(now);
    })();
  }

  private below(limit: number): number {
    return Math.floor(this.random.next() * limit);
  }

  private change(now: number): void {
    const edge = this.db.prepare(
      `INSERT INTO camera_edge (gateway, epoch, seq, camera, state, cause, at) VALUES (?, 'e', ?, ?, ?, 'silent', ?)`,
    );
    const state = this.db.prepare('UPDATE camera SET state = ? WHERE gateway = ? AND id = ?');
    for (let index = 0; index < CHANGES_PER_SECOND * TICK_S; index++) {
      const gateway = `g-${this.below(GATEWAYS)}`;
      const camera = `cam-${this.below(CAMERAS_EACH)}`;
      const next = STATES[this.below(STATES.length)] ?? 'streaming';
      edge.run(gateway, ++this.seq, camera, next, now);
      state.run(next, gateway, camera);
    }
  }
}
