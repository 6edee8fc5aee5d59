import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 10_000;

/** A server of another maker that a test runs. */
export interface Server {
  readonly port: number;
  readonly pid: number;
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

/** Debian keeps servers where only root looks for programs. */
const SERVER_ENV = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };

/** The version of Mosquitto that is installed. @throws Error when there is none */
export function mosquittoVersion(): string {
  // Its help ends with an error code.
  const { output } = spawnSync('mosquitto', ['-h'], { encoding: 'utf8', env: SERVER_ENV });
  const version = /mosquitto version (\S+)/.exec(String(output))?.[1];
  if (version === undefined) throw new Error('there is no mosquitto; run scripts/setup.sh --for-tests');
  return version;
}

/** A Mosquitto broker that keeps nothing, lets nobody in without a password, and drops no message. */
export async function startMosquitto(
  folder: string,
  { port, names, password }: { port: number; names: readonly string[]; password: string },
): Promise<Server> {
  const passwords = join(folder, 'passwords');
  writeFileSync(passwords, names.map((name) => `${name}:${password}\n`).join(''), { mode: 0o600 });
  // Hashes the passwords in place.
  execFileSync('mosquitto_passwd', ['-U', passwords], { env: SERVER_ENV });
  const file = join(folder, 'mosquitto.conf');
  const settings = [
    `listener ${port} 127.0.0.1`,
    `user ${userInfo().username}`,
    ...['allow_anonymous false', `password_file ${passwords}`, 'persistence false', 'set_tcp_nodelay true'],
    ...['max_inflight_messages 0', 'max_queued_messages 0', 'log_type error'],
  ];
  writeFileSync(file, settings.map((line) => `${line}\n`).join(''));
  return whenReady(spawn('mosquitto', ['-c', file], { stdio: 'ignore', env: SERVER_ENV }), port);
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
    pid: child.pid ?? 0,
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
