import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Collector } from '../../src/collector.js';
import { storePlace, type CollectorConfig } from '../../src/config/config.js';
import { addGateway } from '../../src/fleet/fleet.js';
import { openStore, type Store } from '../../src/store/store.js';
import { LogBook } from './logs.js';

const RETENTION = { minuteDays: 400, quarterDays: 1100, eventDays: 400, hostDays: 30, deadLetterDays: 90 };

/** What a test may choose. */
export interface StartOptions {
  readonly maxConnections?: number;
  readonly timeZone?: string;
  /** With TLS listeners. */
  readonly secure?: boolean;
  /** With a WebSocket listener of the broker. */
  readonly webSocket?: boolean;
  readonly tls?: Partial<CollectorConfig['tls']>;
  /** URL of an empty PostgreSQL database; SQLite without it. */
  readonly databaseUrl?: string;
  readonly notify?: Partial<CollectorConfig['notify']>;
  readonly notifySecrets?: CollectorConfig['notifySecrets'];
}

/** A whole collector on free ports with its files in a folder of its own; goes away with the test. */
export class TestCollector {
  readonly logs = new LogBook();
  readonly config: CollectorConfig;
  httpUrl = '';
  mqttUrl = '';
  /** With TLS; empty unless asked for. */
  httpsUrl = '';
  mqttsUrl = '';
  wsUrl = '';
  /** Password of the user admin, made by the first start. */
  adminPassword = '';
  private running: Collector | undefined;

  constructor(options: StartOptions) {
    this.config = {
      dataDir: mkdtempSync(join(tmpdir(), 'headcount-collector-')),
      http: { host: '127.0.0.1', port: 0 },
      mqtt: { host: '127.0.0.1', port: 0, maxConnections: options.maxConnections ?? 100 },
      timeZone: options.timeZone ?? 'UTC',
      tls: { names: [], ...options.tls },
      ...(options.webSocket && { ws: { host: '127.0.0.1', port: 0 } }),
      ...(options.secure && {
        https: { host: '127.0.0.1', port: 0 },
        mqtts: { host: '127.0.0.1', port: 0 },
      }),
      logLevel: 'debug',
      database: {},
      retention: RETENTION,
      databaseUrl: options.databaseUrl,
      redis: {},
      redisUrl: undefined,
      notify: { weeklyTest: [], announce: [], ...options.notify },
      notifySecrets: options.notifySecrets ?? {},
    };
  }

  async start(): Promise<void> {
    this.running = await Collector.create(this.config, this.logs.logger, this.logs.errorLines);
    const { httpUrl, mqttUrl, secureUrls, firstPassword } = await this.running.start();
    const urlOf = (scheme: string) => secureUrls.find((url) => url.startsWith(`${scheme}:`)) ?? '';
    [this.httpsUrl, this.mqttsUrl, this.wsUrl] = [urlOf('https'), urlOf('mqtts'), urlOf('ws')];
    this.httpUrl = httpUrl;
    this.mqttUrl = mqttUrl;
    this.adminPassword = firstPassword ?? this.adminPassword;
  }

  async stop(): Promise<void> {
    await this.running?.stop();
  }

  /** Work on the database beside the running collector, as the command line does. */
  async withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = await openStore(storePlace(this.config));
    try {
      return await work(store);
    } finally {
      await store.destroy();
    }
  }

  /** Returns the password. */
  async addGateway(name: string, place: { site?: string; timeZone?: string } = {}): Promise<string> {
    const gateway = { name, site: place.site ?? 'main', timeZone: place.timeZone };
    const context = { defaultTimeZone: this.config.timeZone, now: Date.now() };
    return this.withStore((store) => addGateway(store, gateway, context));
  }

  /** Log in; returns the cookie header. */
  async logIn(username = 'admin', password = this.adminPassword): Promise<string> {
    const response = await this.post('/api/v1/session', { username, password });
    if (response.status !== 200) throw new Error(`login answered ${response.status}`);
    return response.headers.get('set-cookie')?.split(';')[0] ?? '';
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.httpUrl + path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  get(path: string, cookie = ''): Promise<Response> {
    return fetch(this.httpUrl + path, { headers: { cookie } });
  }
}

/** Start a collector; it stops with the test, which fails when the log holds an error that it did not expect. */
export async function startCollector(options: StartOptions = {}): Promise<TestCollector> {
  const collector = new TestCollector(options);
  onTestFinished(async () => {
    await collector.stop();
    rmSync(collector.config.dataDir, { recursive: true, force: true });
    collector.logs.check();
  });
  await collector.start();
  return collector;
}
