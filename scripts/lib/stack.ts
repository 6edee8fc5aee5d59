import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { z } from 'zod';
import { freePort } from './free-port.js';
import { startProgram, type Program } from './program.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COLLECTOR = join(ROOT, 'collector/dist/main.js');
const AGENT = join(ROOT, 'agent/dist/main.js');

/** The PIN of the status page in demos and tests. */
export const PIN = '246813';

/** A line in fractions of the picture. */
export interface StackLine {
  readonly id: string;
  readonly name: string;
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}

/** Lines A, B and C of the clip's published ground truth (PETS 2009 S2.L1, pixels of 768 x 576). */
export const CLIP_LINES: readonly StackLine[] = [
  { id: 'a', name: 'Lawn', from: [300 / 768, 150 / 576], to: [300 / 768, 480 / 576] },
  { id: 'b', name: 'Crossing', from: [500 / 768, 150 / 576], to: [500 / 768, 480 / 576] },
  { id: 'c', name: 'Street', from: [540 / 768, 180 / 576], to: [760 / 768, 330 / 576] },
];

/** A zone in fractions of the picture. */
export interface StackZone {
  readonly id: string;
  readonly name: string;
  readonly polygon: readonly (readonly [number, number])[];
  readonly capacity: number;
}

/** The paved middle of the clip, where people meet. */
export const CLIP_ZONES: readonly StackZone[] = [
  {
    id: 'square',
    name: 'Square',
    polygon: [
      [0.42, 0.32],
      [0.66, 0.32],
      [0.66, 0.75],
      [0.42, 0.75],
    ],
    capacity: 3,
  },
];

/** A camera of the configuration. */
export interface StackCamera {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly credentialsFile?: string;
  readonly lines: readonly StackLine[];
  readonly zones?: readonly StackZone[];
  readonly fps?: number;
}

/** A collector and its gateways as real processes, with everything they write in one folder. */
export class Stack {
  readonly folder: string;
  readonly ports: { http: number; mqtt: number; status: number; https: number; mqtts: number };
  collector: Program | undefined;
  agent: Program | undefined;
  /** Password of the user admin; known after the first start of the collector. */
  adminPassword = '';
  /** Known after {@link addGateway}; the agent gets it in its environment. */
  gatewayPassword = '';

  /** Variables of the collector's environment, such as DATABASE_URL. */
  private readonly env: Record<string, string>;

  private constructor(folder: string, ports: Stack['ports'], env: Record<string, string>) {
    this.folder = folder;
    this.ports = ports;
    this.env = env;
  }

  /** Choose ports, the usual ones where they are free, and write the configuration. */
  static async create(
    folder: string,
    options: { usualPorts: boolean; timeZone: string; tls?: boolean; env?: Record<string, string> },
  ): Promise<Stack> {
    mkdirSync(folder, { recursive: true });
    const usual = options.usualPorts;
    const ports = {
      http: await freePort(usual ? 8080 : 0),
      mqtt: await freePort(usual ? 1883 : 0),
      status: await freePort(usual ? 8686 : 0),
      https: await freePort(),
      mqtts: await freePort(),
    };
    const stack = new Stack(folder, ports, options.env ?? {});
    const config = {
      dataDir: join(folder, 'collector'),
      http: { port: ports.http },
      mqtt: { port: ports.mqtt },
      timeZone: options.timeZone,
      ...(options.tls && {
        https: { host: '127.0.0.1', port: ports.https },
        mqtts: { host: '127.0.0.1', port: ports.mqtts },
      }),
    };
    writeFileSync(stack.file('collector.yaml'), stringify(config));
    return stack;
  }

  get consoleUrl(): string {
    return `http://127.0.0.1:${this.ports.http}`;
  }

  /** Console, API and enrolment with TLS, where it was asked for. */
  get httpsUrl(): string {
    return `https://127.0.0.1:${this.ports.https}`;
  }

  get mqttsUrl(): string {
    return `mqtts://127.0.0.1:${this.ports.mqtts}`;
  }

  get statusUrl(): string {
    return `http://127.0.0.1:${this.ports.status}`;
  }

  get mqttUrl(): string {
    return `mqtt://127.0.0.1:${this.ports.mqtt}`;
  }

  /** Where the collector's database is: a file or a URL. */
  get database(): string {
    return this.env['DATABASE_URL'] ?? this.file('collector/collector.sqlite');
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  async startCollector(): Promise<Program> {
    const collector = await startProgram({
      name: 'collector',
      script: COLLECTOR,
      args: ['run', '--config', this.file('collector.yaml')],
      env: this.env,
      log: this.file('collector.log'),
      ready: /^listening /,
    });
    const first = collector.lines
      .map((line) => /^first start: user admin, password (\S+)/.exec(line)?.[1])
      .find(Boolean);
    this.adminPassword = first ?? this.adminPassword;
    this.collector = collector;
    return collector;
  }

  /** Add a gateway with the collector's command line; its password goes to the agent's environment. */
  async addGateway(name: string, cameras: readonly StackCamera[]): Promise<void> {
    const args = [COLLECTOR, 'gateway', 'add', name, '--json', '--config', this.file('collector.yaml')];
    const env = { ...process.env, ...this.env };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    this.gatewayPassword = z.object({ password: z.string() }).parse(JSON.parse(stdout)).password;
    const config = {
      gateway: name,
      collector: { url: `mqtt://127.0.0.1:${this.ports.mqtt}` },
      dataDir: join(this.folder, 'agent'),
      status: { port: this.ports.status },
      cameras,
    };
    writeFileSync(this.file('agent.yaml'), stringify(config));
  }

  async startAgent(): Promise<Program> {
    this.agent = await startProgram({
      name: 'agent',
      script: AGENT,
      args: ['run', '--config', this.file('agent.yaml')],
      env: { HEADCOUNT_GATEWAY_PASSWORD: this.gatewayPassword, HEADCOUNT_STATUS_PIN: PIN },
      log: this.file('agent.log'),
      ready: /^counting/,
    });
    return this.agent;
  }

  /** The agent first, so that its last interval reaches the collector. */
  async stop(): Promise<void> {
    await this.agent?.stop();
    await this.collector?.stop();
  }
}
