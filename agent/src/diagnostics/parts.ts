import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, release, totalmem, uptime } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import type { AgentConfig } from '../config/config.js';
import { probe, ProbeError } from '../decoder/probe.js';
import type { BundlePart } from './bundle.js';
import { withoutSecrets } from './secrets.js';

/** A larger outbox is not checked: reading all of it would hold up counting (bytes; 64 MB take about 0.1 s). */
const MAX_CHECKED_BYTES = 64 * 1024 * 1024;

const json = (content: unknown) => `${JSON.stringify(content, null, 2)}\n`;

/** What the configuration, the disk and the machine tell; works without a running agent too. */
export function offlineParts(config: AgentConfig, agentVersion: string): BundlePart[] {
  return [
    { name: 'README.txt', text: () => README },
    { name: 'config.json', text: () => json(withoutSecrets(config)) },
    { name: 'versions.json', text: async () => json(await versions(agentVersion)) },
    { name: 'outbox.json', text: () => json(outboxState(join(config.dataDir, 'outbox.sqlite'))) },
  ];
}

/** What a running agent tells beside that. */
export interface RunningAgent {
  readonly config: AgentConfig;
  readonly ffmpegMajor: number;
  /** With verdicts. */
  readonly status: () => { readonly cameras: readonly { readonly id: string; readonly state: string }[] };
  readonly metrics: () => Promise<string>;
  readonly log: () => string;
}

/** State, figures, the last log lines and what the cameras say. */
export function runningParts(agent: RunningAgent): BundlePart[] {
  return [
    { name: 'status.json', text: () => json(agent.status()) },
    { name: 'metrics.txt', text: () => agent.metrics() },
    { name: 'cameras.json', text: async () => json(await probeCameras(agent)) },
    { name: 'log.ndjson', text: () => agent.log() },
  ];
}

const README = `Headcount diagnostics

config.json     the configuration in use, with lines and zones; every secret is ***
versions.json   versions of the agent and of what it stands on, and the machine
outbox.json     what waits to be sent, and whether the file is sound; no records
status.json     the state of cameras, counting, clock, storage and uplink
metrics.txt     figures in the format of Prometheus
cameras.json    what the cameras that send no picture answer
log.ndjson      the last lines of the agent's log

There are no pictures and no credentials in here. Times are UTC.
`;

/** Only cameras that send nothing: one more connection may push a camera with few of them off the air. */
async function probeCameras({ config, status, ffmpegMajor }: RunningAgent): Promise<unknown> {
  const states = new Map(status().cameras.map(({ id, state }) => [id, state]));
  const silent = config.cameras.filter(({ id, enabled }) => enabled && states.get(id) !== 'streaming');
  const answers = silent.map(async (camera) => {
    try {
      return [camera.id, await probe(camera, ffmpegMajor)] as const;
    } catch (error) {
      if (!(error instanceof ProbeError)) throw error;
      return [camera.id, { failed: error.reason, detail: error.message }] as const;
    }
  });
  return Object.fromEntries([
    ...config.cameras.map(({ id }) => [id, `not asked: ${states.get(id) ?? 'unknown'}`] as const),
    ...(await Promise.all(answers)),
  ]);
}

async function versions(agentVersion: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)('ffmpeg', ['-version']);
  const db = new Database(':memory:');
  const sqlite: unknown = db.prepare('SELECT sqlite_version()').pluck().get();
  db.close();
  return {
    agent: agentVersion,
    node: process.versions.node,
    openssl: process.versions.openssl,
    onnxruntime: packageVersion('onnxruntime-node'),
    sqlite,
    ffmpeg: stdout.split('\n')[0],
    system: systemName(),
    kernel: release(),
    machine: {
      arch: arch(),
      cpus: cpus().length,
      model: cpus()[0]?.model ?? null,
      memoryBytes: totalmem(),
      upSeconds: Math.round(uptime()),
    },
  };
}

function packageVersion(name: string): string {
  const require = createRequire(import.meta.url);
  return (require(`${name}/package.json`) as { version: string }).version;
}

function systemName(): string | null {
  if (!existsSync('/etc/os-release')) return null;
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? null;
}

/** Over a connection of its own that can only read. */
function outboxState(file: string): unknown {
  if (!existsSync(file)) return { file, exists: false };
  const { size: bytes } = statSync(file);
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const first = (query: string): unknown => db.prepare(query).pluck().get();
    return {
      file,
      bytes,
      waiting: first('SELECT count(*) FROM record'),
      oldest: first('SELECT min(added_at) FROM record'),
      schemaVersion: db.pragma('user_version', { simple: true }),
      check:
        bytes > MAX_CHECKED_BYTES
          ? `not checked: larger than ${MAX_CHECKED_BYTES} bytes`
          : db.pragma('quick_check(20)', { simple: false }),
    };
  } finally {
    db.close();
  }
}
