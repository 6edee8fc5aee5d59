/** Sixteen cameras behind a switch that dies: the agent must stay small and quiet, and count again soon after. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { AgentStatus } from '../../agent/src/status/agent-status.js';
import { startRtspCamera } from '../lib/rtsp-camera.js';
import { CLIP_LINES, PIN, Stack } from '../lib/stack.js';

const CLIP = fileURLToPath(new URL('../../.cache/vtest.avi', import.meta.url));
const CAMERAS = 16;
const SAMPLE_MS = 5000;
const CONNECT_MS = 120_000;
/** Give up waiting for their return (ms). */
const LONGEST_RETURN_MS = 300_000;
/** Bounds: growth of the agent in the dead time (MiB; the heap of a process that has just started grows by itself), decoders started in any minute, seconds until all count again. */
const MOST_GROWTH_MIB = 16;
const MOST_STARTS = 6;
const MOST_RETURN_S = 90;

interface Sample {
  /** Seconds since the cameras died. */
  readonly at: number;
  readonly rssMib: number;
  /** Decoders started since the agent started. */
  readonly starts: number;
}

/** What a run measured. */
export interface DeadCamerasResult {
  readonly rssStartMib: number;
  readonly rssEndMib: number;
  readonly slopeMibPerHour: number;
  readonly mostStartsPerMinute: number;
  /** Null when they never came back. */
  readonly secondsUntilBack: number | null;
  /** One sentence per bound that was broken. */
  readonly broken: readonly string[];
}

/** Let sixteen cameras die for so many minutes and come back. */
export async function deadCameras(minutes: number): Promise<DeadCamerasResult> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-soak-'));
  const stack = await Stack.create(folder, { usualPorts: false, timeZone: 'UTC' });
  // One server behind all of them, as one switch would be.
  let server = await startRtspCamera({ clip: CLIP });
  const { url } = server;
  try {
    await stack.startCollector();
    const cameras = Array.from({ length: CAMERAS }, (_, index) => {
      const id = `camera-${index + 1}`;
      return { id, name: id, url, fps: 1, lines: CLIP_LINES.slice(0, 1) };
    });
    await stack.addGateway('soak', cameras);
    const agent = await stack.startAgent();
    if ((await untilAllCount(stack, CONNECT_MS)) === null)
      throw new Error(`the cameras did not connect; see ${folder}`);
    await server.stop();
    const samples = await watch(stack, agent.pid, minutes * 60);
    server = await startRtspCamera({ clip: CLIP, port: Number(new URL(url).port) });
    return judge(samples, await untilAllCount(stack, LONGEST_RETURN_MS));
  } finally {
    await stack.stop();
    await server.stop();
  }
}

/** The command: prints a table and which bounds were broken. */
export async function run(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({ args: [...args], options: { minutes: { type: 'string', default: '20' } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error('--minutes must be a number above 0');
  const result = await deadCameras(minutes);
  const { rssStartMib, rssEndMib, slopeMibPerHour, mostStartsPerMinute, secondsUntilBack, broken } = result;
  console.log(`| ${CAMERAS} cameras dead for ${minutes} min | measured | bound |`);
  console.log('| --- | --- | --- |');
  console.log(
    `| agent RSS, first and last tenth | ${rssStartMib} and ${rssEndMib} MiB | +${MOST_GROWTH_MIB} MiB |`,
  );
  console.log(`| slope of RSS | ${slopeMibPerHour} MiB/h | |`);
  console.log(`| decoders started, worst minute | ${mostStartsPerMinute} | ${MOST_STARTS} |`);
  console.log(`| all count again after | ${secondsUntilBack ?? 'never'} s | ${MOST_RETURN_S} s |`);
  for (const sentence of broken) console.error(`soak: ${sentence}`);
  return broken.length === 0;
}

async function watch(stack: Stack, pid: number, seconds: number): Promise<Sample[]> {
  const began = performance.now();
  const samples: Sample[] = [];
  for (let at = 0; at < seconds; at = (performance.now() - began) / 1000) {
    const { cameras } = await status(stack);
    const starts = cameras.reduce((sum, { connection }) => sum + connection.decoderStarts, 0);
    samples.push({ at, rssMib: rssMib(pid), starts });
    await sleep(SAMPLE_MS);
  }
  return samples;
}

function judge(samples: readonly Sample[], secondsUntilBack: number | null): DeadCamerasResult {
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  const rssStartMib = Math.round(mean(samples.slice(0, tenth).map(({ rssMib }) => rssMib)));
  const rssEndMib = Math.round(mean(samples.slice(-tenth).map(({ rssMib }) => rssMib)));
  const mostStartsPerMinute = Math.max(
    ...samples.map(({ at, starts }) => {
      const before = samples.findLast((one) => one.at <= at - 60) ?? samples[0];
      return starts - (before?.starts ?? 0);
    }),
  );
  const late = secondsUntilBack === null || secondsUntilBack > MOST_RETURN_S;
  const broken = [
    rssEndMib - rssStartMib > MOST_GROWTH_MIB ? `the agent grew from ${rssStartMib} to ${rssEndMib} MiB` : '',
    mostStartsPerMinute > MOST_STARTS ? `${mostStartsPerMinute} decoders were started in a minute` : '',
    late ? `the cameras counted again after ${secondsUntilBack ?? 'more than 300'} s` : '',
  ].filter(Boolean);
  const slopeMibPerHour = Math.round(10 * slope(samples) * 3600) / 10;
  return { rssStartMib, rssEndMib, slopeMibPerHour, mostStartsPerMinute, secondsUntilBack, broken };
}

/** Least squares, MiB per second. */
function slope(samples: readonly Sample[]): number {
  const [x, y] = [mean(samples.map(({ at }) => at)), mean(samples.map(({ rssMib }) => rssMib))];
  const above = samples.reduce((sum, { at, rssMib }) => sum + (at - x) * (rssMib - y), 0);
  const below = samples.reduce((sum, { at }) => sum + (at - x) ** 2, 0);
  return below === 0 ? 0 : above / below;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Seconds until every camera counts; null when it takes longer than `limitMs`. */
async function untilAllCount(stack: Stack, limitMs: number): Promise<number | null> {
  const began = performance.now();
  while (performance.now() - began < limitMs) {
    const { cameras } = await status(stack);
    if (cameras.every(({ state }) => state === 'streaming'))
      return Math.round((performance.now() - began) / 1000);
    await sleep(500);
  }
  return null;
}

async function status(stack: Stack): Promise<AgentStatus> {
  const authorization = `Basic ${Buffer.from(`technician:${PIN}`).toString('base64')}`;
  const response = await fetch(`${stack.statusUrl}/status`, { headers: { authorization } });
  return (await response.json()) as AgentStatus;
}

function rssMib(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1]) / 1024;
}
