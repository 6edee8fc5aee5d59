import { randomBytes } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import { newSecret } from '../security/secrets.js';

/** How often a message goes round, and how long it may take (ms); operations: rule broker-down. */
const EVERY_MS = 10_000;
const PATIENCE_MS = 5000;
/** So many failures in a row mean that the broker is down. */
const FAILURES = 3;

/** Who the probe is at the broker; known inside this process only, and new at every start. */
export interface ProbeIdentity {
  readonly name: string;
  readonly password: string;
  /** The one topic that it may use. */
  readonly topic: string;
}

export function newProbeIdentity(): ProbeIdentity {
  const name = `headcount-probe-${randomBytes(6).toString('hex')}`;
  return { name, password: newSecret(), topic: `headcount-probe/${name}` };
}

/** A client of the own broker that publishes and receives, as gateways do: what it finds out, they would find out. */
export class BrokerProbe {
  private readonly identity: ProbeIdentity;
  private client: MqttClient | undefined;
  private timer: NodeJS.Timeout | undefined;
  private sent = 0;
  private failures = 0;
  /** Of the newest message that came back (s); undefined before the first. */
  roundTripSeconds: number | undefined;
  /** Messages that did not come back in time. */
  lost = 0;

  constructor(identity: ProbeIdentity) {
    this.identity = identity;
  }

  /** Connect to the broker's plain listener and go on sending. */
  start(url: string): void {
    const { name, password, topic } = this.identity;
    const client = mqtt.connect(url, { clientId: name, username: name, password, reconnectPeriod: 1000 });
    this.client = client;
    client.on('connect', () => client.subscribe(topic, { qos: 1 }, () => this.send()));
    client.on('message', (_topic, payload) => {
      if (Number(payload.toString()) !== this.sent) return;
      this.roundTripSeconds = (performance.now() - this.sent) / 1000;
      this.failures = 0;
      this.sent = 0;
    });
    // A message that does not come back tells as much.
    client.on('error', () => undefined);
    this.timer = setInterval(() => this.send(), EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.client?.endAsync(true);
  }

  /** What is wrong; undefined while messages come back. */
  problem(): string | undefined {
    return this.failures < FAILURES
      ? undefined
      : `the last ${this.failures} messages of the probe did not come back within ${PATIENCE_MS / 1000} s`;
  }

  private send(): void {
    if (this.sent > 0 && performance.now() - this.sent > PATIENCE_MS) {
      this.failures += 1;
      this.lost += 1;
      this.sent = 0;
    }
    if (this.sent > 0) return;
    this.sent = performance.now();
    this.client?.publish(this.identity.topic, String(this.sent), { qos: 1 });
  }
}
