import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { until } from './until.js';

/** Where Debian keeps the programs of its versions. */
const LIBRARY = '/usr/lib/postgresql';
const USER = 'headcount';

/** A PostgreSQL server of its own in a folder of its own, without durability: tests kill the collector, not the server. */
export class TestPostgres {
  private readonly folder: string;
  private readonly server: ChildProcess;

  private constructor(folder: string, server: ChildProcess) {
    this.folder = folder;
    this.server = server;
  }

  static async start(): Promise<TestPostgres> {
    const folder = mkdtempSync(join(tmpdir(), 'headcount-postgres-'));
    const who = unprivileged();
    if (who !== undefined) chownSync(folder, who.uid, who.gid);
    chmodSync(folder, 0o700);
    const data = join(folder, 'data');
    execFileSync(
      program('initdb'),
      ['-D', data, '-U', USER, '--auth=trust', '--encoding=UTF8', '--no-sync'],
      {
        stdio: 'ignore',
        ...who,
        cwd: folder,
      },
    );
    // A socket in the folder instead of a port: no two servers can meet.
    const settings = ['fsync=off', 'listen_addresses=', `unix_socket_directories=${folder}`];
    const flags = settings.flatMap((setting) => ['-c', setting]);
    const server = spawn(program('postgres'), ['-D', data, ...flags], {
      stdio: 'ignore',
      cwd: folder,
      ...who,
    });
    const postgres = new TestPostgres(folder, server);
    await until(() => postgres.answers(), 'PostgreSQL', 30_000);
    return postgres;
  }

  /** URL of a new, empty database. */
  async database(): Promise<string> {
    const name = `headcount_${randomUUID().replaceAll('-', '')}`;
    await this.run(`CREATE DATABASE ${name}`);
    return this.url(name);
  }

  async stop(): Promise<void> {
    const gone = once(this.server, 'exit');
    // SIGINT is "fast": clients are disconnected.
    this.server.kill('SIGINT');
    await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private url(database: string): string {
    return `postgres://${USER}@localhost/${database}?host=${this.folder}`;
  }

  private async answers(): Promise<true | undefined> {
    try {
      await this.run('SELECT 1');
      return true;
    } catch (error) {
      if (this.server.exitCode !== null) throw error;
      return undefined;
    }
  }

  private async run(statement: string): Promise<void> {
    const client = new Client({ connectionString: this.url('postgres') });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function program(name: string): string {
  const [newest] = readdirSync(LIBRARY).sort((a, b) => Number(b) - Number(a));
  if (newest === undefined) throw new Error(`${LIBRARY} is empty; run scripts/setup.sh --for-tests`);
  return join(LIBRARY, newest, 'bin', name);
}
