import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { until } from './until.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** How a program ended, and what it said. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built collector as a process of its own; killed with the test. */
export class Program {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    this.child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.child.stdout.on('data', (data: Buffer) => (this.stdout += data.toString()));
    this.child.stderr.on('data', (data: Buffer) => (this.stderr += data.toString()));
    onTestFinished(() => void this.child.kill('SIGKILL'));
  }

  async outcome(): Promise<Outcome> {
    if (this.child.exitCode === null) await once(this.child, 'close');
    return { code: this.child.exitCode, stdout: this.stdout, stderr: this.stderr };
  }

  /** The line that says where it listens. */
  async listening(): Promise<{ httpUrl: string; mqttUrl: string }> {
    const [, httpUrl = '', mqttUrl = ''] = await until(
      () => /^listening (http:\S+) (mqtt:\S+)$/m.exec(this.stdout) ?? undefined,
      'the line "listening"',
      30_000,
    );
    return { httpUrl, mqttUrl };
  }
}
