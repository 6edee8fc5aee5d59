/** Answers of the API on a year of data of many cameras, and what a camera's year takes on the disk. */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { BenchRow } from '../../scripts/lib/bench-table.js';
import { Stack } from '../../scripts/lib/stack.js';
import { bucketsOf } from '../src/counts/zone.js';
import { enlist } from '../src/simulator/enlist.js';
import { planFleet } from '../src/simulator/plan.js';
import { ratesAt } from '../src/simulator/profile.js';
import { Random } from '../src/simulator/random.js';
import { openStore } from '../src/store/store.js';

const GATEWAYS = 50;
const CAMERAS_EACH = 4;
const DAY_MS = 24 * 3_600_000;
const YEAR_MS = 365 * DAY_MS;
const MONTH_MS = 31 * DAY_MS;
const MINUTE_MS = 60_000;
const ASKED = 1000;
/** Before that, so that the first answers of a process that has just started do not stand for those of a year. */
const WARM_UP = 100;
const MEGABYTE = 1e6;

export async function run(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-year-'));
  const stack = await Stack.create(folder, { usualPorts: false, timeZone: 'UTC' });
  mkdirSync(join(folder, 'collector'));
  const plan = planFleet(GATEWAYS, CAMERAS_EACH);
  const now = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  await (await openStore(stack.database)).destroy();
  await enlist(stack.database, plan);
  const rows = fill(stack.database, plan, now);
  await stack.startCollector();
  try {
    const answers = await askAll(stack, now);
    const size = await cameraYear();
    return [
      {
        name: `sums of ${GATEWAYS * CAMERAS_EACH} cameras: hours and days of a year, quarters of a month`,
        value: `${rows} rows, ${(statSync(stack.database).size / MEGABYTE).toFixed(0)} MB`,
      },
      ...answers,
      {
        name: "a camera's year by the minute (one line), as stored",
        value: `${(size.minutes / MEGABYTE).toFixed(0)} MB`,
      },
      {
        name: "a camera's year of sums (quarters, hours, days)",
        value: `${(size.sums / MEGABYTE).toFixed(1)} MB`,
      },
    ];
  } finally {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rows straight into the file, as ingest would have left them. */
function fill(file: string, plan: ReturnType<typeof planFleet>, now: number): number {
  const db = new Database(file);
  db.pragma('synchronous = OFF');
  const camera = db.prepare(`INSERT INTO camera (gateway, id, name, present) VALUES (?, ?, ?, 1)`);
  const line = db.prepare(
    `INSERT INTO line (gateway, camera, id, name, present, first_at, last_at, entrance) VALUES (?, ?, 'door', 'Door', 1, ?, ?, 1)`,
  );
  const insert = db.prepare(
    `INSERT INTO rollup VALUES ('line', ?, ?, ?, ?, 'door', ?, ?, ?, 0, ?, ?, 0, 9, NULL, 0, 0)`,
  );
  const random = new Random(1);
  let rows = 0;
  const fillGateway = db.transaction(({ name, timeZone, profile, cameras }: (typeof plan)[number]) => {
    for (const [size, length] of [
      ['month', YEAR_MS],
      ['day', YEAR_MS],
      ['hour', YEAR_MS],
      ['quarter', MONTH_MS],
    ] as const)
      for (const { start, end } of bucketsOf(timeZone, size, { from: now - length, to: now })) {
        const rates = ratesAt(profile, timeZone, (start + end) / 2);
        const hours = (end - start) / 3_600_000;
        for (const { id } of cameras) {
          const [entered, left] = [random.poisson(rates.in * hours), random.poisson(rates.out * hours)];
          insert.run(size, name, start, id, end, entered, left, end - start, end - start);
          rows += 1;
        }
      }
    for (const { id, name: title } of cameras) {
      camera.run(name, id, title);
      line.run(name, id, now - YEAR_MS, now);
    }
  });
  for (const gateway of plan) fillGateway(gateway);
  db.exec('ANALYZE');
  db.close();
  return rows;
}

async function askAll(stack: Stack, now: number): Promise<BenchRow[]> {
  const login = await fetch(`${stack.consoleUrl}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: stack.adminPassword }),
  });
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
  const one = 'gateway=ben-thanh-1&camera=cam-1';
  const questions: readonly (readonly [string, string])[] = [
    ['one camera, a day by quarters', `${one}&bucket=quarter&from=${now - DAY_MS}&to=${now}`],
    ['one camera, a week by hours', `${one}&bucket=hour&from=${now - 7 * DAY_MS}&to=${now}`],
    ['one camera, a month by days', `${one}&bucket=day&from=${now - MONTH_MS}&to=${now}`],
    ['one camera, a year by days', `${one}&bucket=day&from=${now - YEAR_MS}&to=${now}`],
    [
      'one site (20 cameras), a day by hours',
      `site=ben-thanh&by=site&bucket=hour&from=${now - DAY_MS}&to=${now}`,
    ],
    ['one site, a week by hours', `site=ben-thanh&by=site&bucket=hour&from=${now - 7 * DAY_MS}&to=${now}`],
    ['one site, a month by days', `site=ben-thanh&by=site&bucket=day&from=${now - MONTH_MS}&to=${now}`],
    ['one site, a year by months', `site=ben-thanh&by=site&bucket=month&from=${now - YEAR_MS}&to=${now}`],
    ['all ten sites, a day by hours', `by=site&bucket=hour&from=${now - DAY_MS}&to=${now}`],
    ['all ten sites, a year by months', `by=site&bucket=month&from=${now - YEAR_MS}&to=${now}`],
  ];
  const rows: BenchRow[] = [];
  for (const [name, query] of questions) {
    const times: number[] = [];
    for (let index = -WARM_UP; index < ASKED; index++) {
      const began = performance.now();
      const response = await fetch(`${stack.consoleUrl}/api/v1/counts?${query}`, { headers: { cookie } });
      const body = await response.text();
      if (!response.ok) throw new Error(`${name}: ${response.status} ${body}`);
      if (index >= 0) times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => (times[Math.floor(times.length * share)] ?? NaN).toFixed(1);
    rows.push({ name: `${name}: p50, p99 of ${ASKED}`, value: `${at(0.5)} ms, ${at(0.99)} ms` });
  }
  return rows;
}

/** A year of minutes of one line, stored as ingest stores them; bytes of the tables with their indexes. */
async function cameraYear(): Promise<{ minutes: number; sums: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-camera-year-'));
  const file = join(folder, 'x.sqlite');
  await (await openStore(file)).destroy();
  const db = new Database(file);
  db.pragma('synchronous = OFF');
  const hash = 'a'.repeat(64);
  db.exec(`INSERT INTO site (name, time_zone) VALUES ('s', 'UTC');
    INSERT INTO gateway (name, site, secret_hash, added_at, status) VALUES ('gateway-1', 's', 'x', 1, 'offline')`);
  const bytes = () =>
    (db.pragma('page_count', { simple: true }) as number) *
    (db.pragma('page_size', { simple: true }) as number);
  const empty = bytes();
  const insert = db.prepare(
    `INSERT INTO count_interval (gateway, epoch, seq, camera, line, start_at, end_at, in_count, out_count, total_in, total_out,
      occupancy_min, occupancy_max, occupancy_mean, observed_ms, gaps, config_version, model_hash, received_at)
     VALUES ('gateway-1', '0b1f7f0e-6a57-4a0c-9d43-2d7a8c1e5f10', ?, 'cam-1', 'door', ?, ?, 3, 2, ?, ?, 0, 5, 1.5, 60000, '[]', 'file', '${hash}', ?)`,
  );
  const start = Date.parse('2025-01-01T00:00Z');
  db.transaction(() => {
    for (let seq = 1; seq <= YEAR_MS / MINUTE_MS; seq++) {
      const at = start + seq * MINUTE_MS;
      insert.run(seq, at, at + MINUTE_MS, seq, seq, at);
    }
  })();
  const minutes = bytes() - empty;
  const sum = db.prepare(
    `INSERT INTO rollup VALUES ('line', ?, 'gateway-1', ?, 'cam-1', 'door', ?, 3, 2, 0, 900000, 900000, 0, 5, NULL, 0, 0)`,
  );
  db.transaction(() => {
    for (const size of ['quarter', 'hour', 'day'] as const)
      for (const bucket of bucketsOf('UTC', size, { from: start, to: start + YEAR_MS }))
        sum.run(size, bucket.start, bucket.end);
  })();
  const sums = bytes() - empty - minutes;
  db.close();
  rmSync(folder, { recursive: true, force: true });
  return { minutes, sums };
}
