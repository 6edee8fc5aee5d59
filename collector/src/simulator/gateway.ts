import { randomUUID } from 'node:crypto';
import {
  commandMessageSchema,
  CONTRACT_VERSION,
  decode,
  packRows,
  receiptMessageSchema,
  topicFor,
  type CommandMessage,
} from '@headcount/shared';
import mqtt, { type MqttClient } from 'mqtt';
import type { PlannedGateway } from './plan.js';
import type { Random } from './random.js';
import { LINE, MODEL_HASH, Recorder } from './recorder.js';

const MINUTE_MS = 60_000;
/** The longest wait for a receipt, in first ones. */
const LONGEST_WAITS = 6;

/** What goes wrong with a gateway on purpose; shares of 0..1. */
export interface Faults {
  /** Batches that are sent twice. */
  readonly duplicates: number;
  /** Receipts that the gateway does not hear. */
  readonly lostReceipts: number;
}

/** How a simulated gateway talks. */
export interface GatewayOptions {
  readonly url: string;
  readonly password: string;
  readonly random: Random;
  readonly faults: Faults;
  /** Records of one batch. */
  readonly batch: number;
  /** A batch that has not been receipted by then is sent again (ms). */
  readonly receiptTimeoutMs: number;
}

/** A gateway without cameras: the agent's half of the wire contract over a real connection, with made-up people. */
export class SimulatedGateway {
  readonly recorder: Recorder;
  readonly plan: PlannedGateway;
  private readonly options: GatewayOptions;
  private readonly bootId = randomUUID();
  private client: MqttClient | undefined;
  private inFlight: NodeJS.Timeout | undefined;
  private waitMs: number;
  private watchedUntil = 0;
  /** When the last birth was acknowledged (UTC ms); 0 before. */
  bornAt = 0;

  constructor(plan: PlannedGateway, options: GatewayOptions) {
    this.plan = plan;
    this.options = options;
    this.waitMs = options.receiptTimeoutMs;
    this.recorder = new Recorder(plan, options.random);
  }

  get connected(): boolean {
    return this.client?.connected === true;
  }

  /** Connect, and come back whenever the connection breaks. */
  start(): void {
    const { name } = this.plan;
    const { url, password, random } = this.options;
    const will = {
      topic: topicFor(name, 'state'),
      payload: this.state({ status: 'offline' }),
      qos: 1,
      retain: true,
    } as const;
    // Spread, so that a fleet does not come back in one moment.
    const reconnectPeriod = 500 + Math.floor(random.next() * 1000);
    const client = mqtt.connect(url, {
      clientId: name,
      username: name,
      password,
      clean: true,
      will,
      reconnectPeriod,
    });
    this.client = client;
    client.on('connect', () => void this.arrive(client));
    client.on('message', (topic, payload) => this.hear(topic, payload));
    // The connection is tried again; whoever waits for the gateway sees that it does not come.
    client.on('error', () => undefined);
    client.on('close', () => this.land());
  }

  /** Say goodbye and go. */
  async stop(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    this.land();
    if (client?.connected === true) {
      const goodbye = this.state({ status: 'stopped', at: Date.now() });
      await client.publishAsync(topicFor(this.plan.name, 'state'), goodbye, { qos: 1, retain: true });
    }
    await client?.endAsync(true);
  }

  /** Break the connection without a goodbye and stay away, as a power cut does. */
  async cut(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    this.land();
    client?.stream.destroy();
    await client?.endAsync(true);
  }

  /** Send the next batch, unless one is under way. */
  drain(): void {
    const { client, recorder } = this;
    if (client?.connected !== true || this.inFlight !== undefined) return;
    const rows = recorder.peek(this.options.batch);
    const [first] = rows;
    if (first === undefined) return;
    const body = {
      v: CONTRACT_VERSION,
      epoch: recorder.epoch,
      sentAt: Date.now(),
      historical: rows.length < recorder.waiting,
    };
    const payload = JSON.stringify({ ...body, ...packRows(first.seq, rows) });
    const wait = this.waitMs;
    this.inFlight = setTimeout(() => {
      this.land();
      // Later each time, as the agent does: a collector that is behind does not get behind further.
      this.waitMs = Math.min(2 * wait, LONGEST_WAITS * this.options.receiptTimeoutMs);
      this.drain();
    }, wait);
    const times = this.options.random.next() < this.options.faults.duplicates ? 2 : 1;
    for (let time = 0; time < times; time++)
      client.publish(topicFor(this.plan.name, 'records'), payload, { qos: 1 });
  }

  /** Say what is seen now, where somebody watches. @param at UTC ms */
  live(at: number): void {
    if (at > this.watchedUntil || this.client?.connected !== true) return;
    const cameras = this.plan.cameras.map(({ id }) => {
      const dead = this.recorder.dead.has(id);
      const { in: entered = 0, out = 0 } = this.recorder.truth.get(id) ?? {};
      const line = { id: LINE, totals: { in: entered, out }, pending: { in: 0, out: 0 } };
      const inView = dead ? 0 : this.options.random.poisson(2);
      return {
        id,
        state: dead ? 'backoff' : 'streaming',
        fps: dead ? 0 : 10,
        inView,
        lines: this.plan.profile === null ? [] : [line],
        zones: [],
        crossings: [],
      };
    });
    const payload = JSON.stringify({ v: CONTRACT_VERSION, at, cameras });
    this.client.publish(topicFor(this.plan.name, 'live'), payload, { qos: 0 });
  }

  private async arrive(client: MqttClient): Promise<void> {
    const { name, cameras, profile } = this.plan;
    try {
      await client.subscribeAsync([topicFor(name, 'receipt'), topicFor(name, 'command')], { qos: 1 });
      const lines = [
        {
          id: LINE,
          name: 'Door',
          from: [0, 0.5],
          via: [],
          to: [1, 0.5],
          directions: { in: 'in', out: 'out' },
          entrance: true,
        },
      ];
      const birth = this.state({
        ...{ status: 'online', at: Date.now(), version: '0.1.0-simulated', configVersion: 'simulated' },
        modelHash: MODEL_HASH,
        cameras: cameras.map((camera) => ({ ...camera, lines: profile === null ? [] : lines, zones: [] })),
      });
      await client.publishAsync(topicFor(name, 'state'), birth, { qos: 1, retain: true });
      this.bornAt = Date.now();
      this.drain();
    } catch {
      // The connection broke meanwhile; the client connects again and this begins anew.
    }
  }

  private hear(topic: string, payload: Uint8Array): void {
    if (topic.endsWith('/receipt')) {
      if (this.options.random.next() < this.options.faults.lostReceipts) return;
      const { epoch, storedUpTo } = decode(receiptMessageSchema, payload);
      if (epoch !== this.recorder.epoch) return;
      this.recorder.settle(storedUpTo);
      this.land();
      this.waitMs = this.options.receiptTimeoutMs;
      this.drain();
      return;
    }
    this.obey(decode(commandMessageSchema, payload));
  }

  private obey(command: CommandMessage): void {
    if (command.kind === 'watch') {
      this.watchedUntil = Math.min(command.deadline, Date.now() + MINUTE_MS);
      return;
    }
    const result = {
      v: CONTRACT_VERSION,
      id: command.id,
      outcome: 'failed',
      detail: 'this gateway is simulated',
    };
    this.client?.publish(topicFor(this.plan.name, 'result'), JSON.stringify(result), { qos: 1 });
  }

  private land(): void {
    clearTimeout(this.inFlight);
    this.inFlight = undefined;
  }

  private state(message: object): string {
    return JSON.stringify({ v: CONTRACT_VERSION, bootId: this.bootId, ...message });
  }
}
