import { randomUUID } from 'node:crypto';
import {
  commandMessageSchema,
  decode,
  receiptMessageSchema,
  topicFor,
  type BirthMessage,
  type CommandMessage,
  type CountRecord,
  type ReceiptMessage,
} from '@headcount/shared';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { onTestFinished } from 'vitest';
import { until } from './until.js';

const MODEL_HASH = 'a'.repeat(64);

/** A count of one minute, complete and empty unless the test says otherwise. */
export function countRecord(start: number, changes: Partial<CountRecord> = {}): CountRecord {
  return {
    kind: 'count',
    camera: 'door',
    line: 'entrance',
    start,
    lengthMs: 60_000,
    in: 0,
    out: 0,
    stitched: 0,
    totals: { in: 0, out: 0 },
    occupancy: { min: 0, max: 1, mean: 0.5 },
    observedMs: 60_000,
    gaps: [],
    suspect: [],
    configVersion: 'test',
    modelHash: MODEL_HASH,
    ...changes,
  };
}

/** Open an MQTT connection that does not come back by itself; resolves when it is accepted. */
export async function connect(url: string, options: IClientOptions): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, ...options }, false);
  client.on('error', () => undefined);
  onTestFinished(async () => client.endAsync(true));
  return client;
}

/** The far end of the wire contract, by hand: a real MQTT client that says exactly what the test wants. */
export class TestGateway {
  readonly name: string;
  readonly client: MqttClient;
  readonly bootId: string;
  readonly receipts: ReceiptMessage[] = [];
  readonly commands: CommandMessage[] = [];
  epoch: string = randomUUID();

  constructor(name: string, client: MqttClient, bootId: string) {
    this.name = name;
    this.client = client;
    this.bootId = bootId;
    client.on('message', (topic, payload) => {
      if (topic === topicFor(name, 'receipt')) this.receipts.push(decode(receiptMessageSchema, payload));
      if (topic === topicFor(name, 'command')) this.commands.push(decode(commandMessageSchema, payload));
    });
  }

  /** Connect, subscribe and say hello as the agent does. */
  static async connect(url: string, name: string, password: string): Promise<TestGateway> {
    const bootId = randomUUID();
    const will = { topic: topicFor(name, 'state'), payload: offline(bootId), qos: 1, retain: true } as const;
    const client = await connect(url, { clientId: name, username: name, password, clean: true, will });
    const gateway = new TestGateway(name, client, bootId);
    await client.subscribeAsync([topicFor(name, 'receipt'), topicFor(name, 'command')], { qos: 1 });
    return gateway;
  }

  async sayHello(changes: Partial<BirthMessage> = {}): Promise<void> {
    const birth: BirthMessage = {
      v: 1,
      status: 'online',
      at: Date.now(),
      bootId: this.bootId,
      version: '0.0.0-test',
      configVersion: 'test',
      modelHash: MODEL_HASH,
      cameras: [
        {
          id: 'door',
          name: 'Front door',
          lines: [
            {
              id: 'entrance',
              name: 'Entrance',
              from: [0, 0.5],
              via: [],
              to: [1, 0.5],
              directions: { in: 'in', out: 'out' },
              entrance: false,
            },
          ],
          zones: [],
        },
      ],
      ...changes,
    };
    await this.publish('state', birth, true);
  }

  /** Send a batch without waiting for its receipt. */
  async send(
    firstSeq: number,
    records: readonly unknown[],
    changes: Record<string, unknown> = {},
  ): Promise<void> {
    const { epoch } = this;
    await this.publish('records', {
      v: 1,
      epoch,
      firstSeq,
      sentAt: Date.now(),
      historical: false,
      records,
      ...changes,
    });
  }

  /** Send a batch and wait for the next receipt. */
  async deliver(firstSeq: number, records: readonly unknown[]): Promise<ReceiptMessage> {
    const before = this.receipts.length;
    await this.send(firstSeq, records);
    return until(() => this.receipts[before], 'a receipt');
  }

  async publish(
    channel: 'state' | 'records' | 'live' | 'result',
    message: unknown,
    retain = false,
  ): Promise<void> {
    const payload = typeof message === 'string' ? message : JSON.stringify(message);
    await this.client.publishAsync(topicFor(this.name, channel), payload, { qos: 1, retain });
  }

  /** Break the connection without a goodbye, as a power cut does. */
  breakConnection(): void {
    this.client.stream.destroy();
  }
}

function offline(bootId: string): Buffer {
  return Buffer.from(JSON.stringify({ v: 1, status: 'offline', bootId }));
}
