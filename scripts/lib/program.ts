import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const READY_MS = 30_000;
const LAST_LINES = 15;

/** A program of ours that runs as a process, with its log in a file. */
export interface Program {
  readonly pid: number;
  /** Everything that it has printed on stdout before and with the ready line. */
  readonly lines: readonly string[];
  /** Resolves with the exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** TERM, then wait; safe to call twice. */
  stop(): Promise<number | NodeJS.Signals>;
  /** KILL, as a power cut would. */
  kill(): Promise<number | NodeJS.Signals>;
}

/** How a program is started. */
export interface ProgramOptions {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  /** Log file for stderr. */
  readonly log: string;
  /** The line on stdout that says that it is ready. */
  readonly ready: RegExp;
}

/**
 * Start a Node program and wait until it says that it is ready.
 * @throws Error with its last words when it ends or stays silent
 */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { name, script, args, env, log, ready } = options;
  // Its own process group: Ctrl-C in a terminal must not stop everything at once, because the order matters.
  const child = spawn(process.execPath, [script, ...args], {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.pipe(createWriteStream(log, { flags: 'a' }));
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const lines: string[] = [];
  const isReady = new Promise<'ready'>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (ready.test(line)) resolve('ready');
    });
  });
  const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), READY_MS).unref());
  const outcome = await Promise.race([isReady, exited, late]);
  if (outcome !== 'ready' || child.pid === undefined) {
    child.kill('SIGKILL');
    throw new Error(`${name} did not start (${outcome}); its last words:\n${lastWords(log)}`);
  }
  const end = async (signal: NodeJS.Signals) => {
    if (isAlive(child)) child.kill(signal);
    return exited;
  };
  return { pid: child.pid, lines, exited, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** The last lines of a log, for a person who wants to know why. */
export function lastWords(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LAST_LINES).join('\n');
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
