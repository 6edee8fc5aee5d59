import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 10_000;

/** A server of another maker that a test runs. */
export interface Server {
  readonly port: number;
  stop(): Promise<void>;
}

/** A Redis server that keeps everything in memory. */
export async function startRedis(port: number): Promise<Server> {
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    {
      stdio: 'ignore',
    },
  );
  return whenReady(child, port);
}

/** A TCP load balancer in front of several ports of this machine; one that does not answer is left out at once. */
export async function startLoadBalancer(
  folder: string,
  port: number,
  behind: readonly number[],
): Promise<Server> {
  const file = join(folder, 'haproxy.cfg');
  const servers = behind.map(
    (one, index) =>
      `  server s${index} 127.0.0.1:${one} check inter 500 fall 1 rise 1 on-marked-down shutdown-sessions`,
  );
  const text = [
    'defaults',
    '  mode tcp',
    '  timeout connect 2s',
    '  timeout client 1h',
    '  timeout server 1h',
    '  option redispatch',
    '  retries 3',
    'listen mqtt',
    `  bind 127.0.0.1:${port}`,
    '  balance roundrobin',
    ...servers,
    '',
  ].join('\n');
  writeFileSync(file, text);
  return whenReady(spawn('haproxy', ['-f', file, '-db'], { stdio: 'ignore' }), port);
}

async function whenReady(child: ChildProcess, port: number): Promise<Server> {
  const end = performance.now() + READY_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > end) {
      child.kill('SIGKILL');
      throw new Error(`nothing answers at port ${port}`);
    }
    await sleep(50);
  }
  return {
    port,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const outcome = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return outcome;
}
