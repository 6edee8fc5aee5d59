/** What must hold when things break: real processes are stopped and killed, and the books are checked afterwards. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentStatus } from '../../agent/src/status/agent-status.js';
import { startRtspCamera, type RtspCamera } from '../lib/rtsp-camera.js';
import { CLIP_LINES, PIN, Stack } from '../lib/stack.js';
import { deadCameras } from '../soak/dead-cameras.js';

const CLIP = fileURLToPath(new URL('../../.cache/vtest.avi', import.meta.url));
const OUTAGE_MS = 120_000;
/** Kills while the collector is gone, and again while it is there. */
const KILLS = 5;
/** The short version of "npm run soak -- dead-cameras", while the other test waits. */
const DEAD_MINUTES = 1;

let stack: Stack;
let camera: RtspCamera;
let cameraPort: number;
let soak: ReturnType<typeof deadCameras>;

async function status(): Promise<AgentStatus> {
  const authorization = `Basic ${Buffer.from(`technician:${PIN}`).toString('base64')}`;
  const response = await fetch(`${stack.statusUrl}/status`, { headers: { authorization } });
  expect(response.status).toBe(200);
  return (await response.json()) as AgentStatus;
}

async function cameraStatus(): Promise<AgentStatus['cameras'][number]> {
  const [first] = (await status()).cameras;
  if (first === undefined) throw new Error('the agent reports no camera');
  return first;
}

interface StoredInterval {
  epoch: string;
  line: string;
  start_at: number;
  end_at: number;
  in_count: number;
  out_count: number;
  total_in: number;
  total_out: number;
}

function query<T>(text: string): T[] {
  const db = new Database(stack.file('collector/collector.sqlite'), { readonly: true });
  try {
    return db.prepare<[], T>(text).all();
  } finally {
    db.close();
  }
}

/** The books of every line: nothing lost, nothing twice, no time counted twice. Returns the crossings stored. */
function checkLedger(): number {
  let crossings = 0;
  for (const { id } of CLIP_LINES) {
    const rows = query<StoredInterval>(
      `SELECT * FROM count_interval WHERE line = '${id}' ORDER BY epoch, seq`,
    );
    expect(new Set(rows.map(({ epoch }) => epoch)).size).toBe(1);
    let sum = { in: 0, out: 0 };
    rows.forEach((row, index) => {
      sum = { in: sum.in + row.in_count, out: sum.out + row.out_count };
      expect({ in: row.total_in, out: row.total_out }).toEqual(sum);
      expect(row.start_at).toBeGreaterThanOrEqual(rows[index - 1]?.end_at ?? 0);
    });
    crossings += sum.in + sum.out;
  }
  expect(query('SELECT * FROM dead_letter')).toEqual([]);
  expect(query('SELECT * FROM seq_hole')).toEqual([]);
  return crossings;
}

async function counted(): Promise<number> {
  const { lines } = await cameraStatus();
  return lines.reduce((sum, { totals }) => sum + totals.in + totals.out, 0);
}

/** Kill the agent at random moments; it must come back with every crossing that it had told of. */
async function killAgent(): Promise<void> {
  for (let round = 0; round < KILLS; round++) {
    await sleep(1000 + Math.random() * 4000);
    const told = await counted();
    await stack.agent?.kill();
    await stack.startAgent();
    expect(await counted()).toBeGreaterThanOrEqual(told);
  }
}

beforeAll(async () => {
  stack = await Stack.create(mkdtempSync(join(tmpdir(), 'headcount-faults-')), {
    usualPorts: false,
    timeZone: 'UTC',
  });
  await stack.startCollector();
  camera = await startRtspCamera({ clip: CLIP });
  cameraPort = Number(new URL(camera.url).port);
  await stack.addGateway('lobby', [{ id: 'door', name: 'Front door', url: camera.url, lines: CLIP_LINES }]);
  await stack.startAgent();
});

afterAll(async () => {
  await stack.stop();
  await camera.stop();
});

describe('when the collector is gone for two minutes and the agent is killed meanwhile', () => {
  it('every interval arrives afterwards, none twice', async () => {
    await expect.poll(async () => (await cameraStatus()).state, { timeout: 30_000 }).toBe('streaming');
    await expect.poll(counted, { timeout: 30_000 }).toBeGreaterThan(0);
    await stack.collector?.stop();
    const before = await counted();
    soak = deadCameras(DEAD_MINUTES);
    await Promise.all([sleep(OUTAGE_MS), soak.catch(() => undefined), killAgent()]);
    const during = await status();
    expect(during.uplink.state).toBe('offline');
    expect(during.uplink.problem).toContain('nothing listens at');
    expect(during.outbox.waiting).toBeGreaterThan(CLIP_LINES.length);
    expect(await counted()).toBeGreaterThan(before);
    await stack.startCollector();
    await expect
      .poll(async () => (await status()).outbox.waiting, { timeout: 60_000, interval: 500 })
      .toBe(0);
    expect(checkLedger()).toBeGreaterThan(0);
  });
});

describe('when sixteen cameras of a gateway are dead for a minute', () => {
  it('the agent does not grow, starts hardly a decoder, and counts all again within 90 s', async () => {
    expect((await soak).broken).toEqual([]);
  });
});

describe('when the agent is killed while all goes well', () => {
  it(`${KILLS} times at random moments, and no crossing that it told of is lost`, async () => {
    await killAgent();
    const told = await counted();
    await expect.poll(async () => (await cameraStatus()).state, { timeout: 30_000 }).toBe('streaming');
    await stack.agent?.stop();
    expect(checkLedger()).toBeGreaterThanOrEqual(told);
    const gaps = query<{ gaps: string }>('SELECT gaps FROM count_interval').map((row) => row.gaps);
    expect(gaps.some((text) => text.includes('agent-killed'))).toBe(true);
    await stack.startAgent();
  });
});

describe('when the camera is gone', () => {
  it('the edges say why, it is back within 15 s of its return, and the outage is a gap', async () => {
    await expect.poll(async () => (await cameraStatus()).state, { timeout: 30_000 }).toBe('streaming');
    const since = Date.now();
    await camera.stop();
    await expect.poll(async () => (await cameraStatus()).cause, { timeout: 20_000 }).toBe('refused');
    await sleep(15_000);
    expect((await cameraStatus()).state).not.toBe('streaming');
    camera = await startRtspCamera({ clip: CLIP, port: cameraPort });
    await expect
      .poll(async () => (await cameraStatus()).state, { timeout: 15_000, interval: 250 })
      .toBe('streaming');
    await stack.agent?.stop();
    const edges = query<{ state: string; cause: string }>(
      `SELECT state, cause FROM camera_edge WHERE at >= ${since} ORDER BY epoch, seq`,
    ).map(({ state, cause }) => `${state}: ${cause}`);
    expect(edges).toContain('backoff: refused');
    expect(edges.at(-1)).toBe('streaming: first-frame');
    const lost = query<{ gaps: string }>(
      `SELECT gaps FROM count_interval WHERE end_at >= ${since} AND line = 'a'`,
    )
      .flatMap(({ gaps }) => JSON.parse(gaps) as { reason: string; ms: number }[])
      .filter(({ reason }) => reason === 'backoff' || reason === 'connecting');
    expect(lost.reduce((sum, { ms }) => sum + ms, 0)).toBeGreaterThan(10_000);
    await stack.startAgent();
  });
});

it('nothing that was logged is an error, and no secret stands in a log', () => {
  for (const name of ['agent.log', 'collector.log']) {
    const text = readFileSync(stack.file(name), 'utf8');
    expect(text.split('\n').filter((line) => /"log\.level":"(error|fatal)"/.test(line))).toEqual([]);
    expect(text).not.toContain(PIN);
    expect(text).not.toContain(stack.adminPassword);
  }
});
