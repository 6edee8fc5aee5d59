import { connect, type Socket } from 'node:net';

/** First bytes of packets, MQTT 3.1.1, section 2.2. */
const CONNACK = 0x20;
const PUBACK = 0x40;
const SUBACK = 0x90;

/** Who logs in. */
export interface Login {
  readonly name: string;
  readonly password: string;
}

/**
 * As little of an MQTT 3.1.1 client as a benchmark of brokers needs, QoS 1 only: a whole client would take more time than
 * the brokers.
 */
export class RawClient {
  private readonly socket: Socket;
  private waiting: Buffer = Buffer.alloc(0);
  private nextId = 0;
  private answer: { readonly type: number; readonly done: (packet: Buffer) => void } | undefined;
  /** Called with the number of messages that came in one piece, after they were acknowledged. */
  onMessages: (count: number) => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => this.read(chunk));
  }

  /** Connect and log in. @throws Error when the login is refused */
  static async connect(port: number, { name, password }: Login): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1').setNoDelay(true);
    const client = new RawClient(socket);
    // Level 4; user, password and a clean session; no keep-alive.
    const header = Buffer.from([...text('MQTT'), 4, 0xc2, 0, 0]);
    const body = Buffer.concat([header, text(name), text(name), text(password)]);
    const answer = await client.ask(CONNACK, packet(0x10, body));
    if (answer[3] !== 0) throw new Error(`the broker refuses the login of ${name} with code ${answer[3]}`);
    return client;
  }

  /** @throws Error when it is refused */
  async subscribe(topic: string): Promise<void> {
    const answer = await this.ask(
      SUBACK,
      packet(0x82, Buffer.concat([Buffer.from([0, 1]), text(topic), Buffer.from([1])])),
    );
    if (answer.at(-1) !== 1) throw new Error(`the broker refuses the subscription to ${topic}`);
  }

  /** Send the same message several times. @param times with one write */
  publish(topic: Buffer, payload: Buffer, times: number): void {
    const packets: Buffer[] = [];
    for (let time = 0; time < times; time++) {
      this.nextId = (this.nextId % 65_535) + 1;
      const id = Buffer.from([this.nextId >> 8, this.nextId & 0xff]);
      packets.push(packet(0x32, Buffer.concat([topic, id, payload])));
    }
    this.socket.write(Buffer.concat(packets));
  }

  end(): void {
    this.socket.destroy();
  }

  private async ask(type: number, request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.socket.once('error', reject);
      this.answer = { type, done: resolve };
      this.socket.write(request);
    });
  }

  private read(chunk: Buffer): void {
    const bytes = this.waiting.length === 0 ? chunk : Buffer.concat([this.waiting, chunk]);
    const acknowledgements: Buffer[] = [];
    let at = 0;
    for (let end = endOf(bytes, at); end !== undefined; end = endOf(bytes, at)) {
      const one = bytes.subarray(at, end.end);
      const type = (one[0] ?? 0) & 0xf0;
      if (type === 0x30) {
        const topicBytes = one.readUInt16BE(end.body - at);
        const id = end.body - at + 2 + topicBytes;
        acknowledgements.push(packet(PUBACK, one.subarray(id, id + 2)));
      } else if (this.answer?.type === type) this.answer.done(one);
      at = end.end;
    }
    this.waiting = bytes.subarray(at);
    if (acknowledgements.length === 0) return;
    this.socket.write(Buffer.concat(acknowledgements));
    this.onMessages(acknowledgements.length);
  }
}

/** A string with its length in front. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

function packet(first: number, body: Buffer): Buffer {
  const header = [first];
  let rest = body.length;
  do {
    header.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), body]);
}

/** Where the body and the whole of the packet at a place begin and end; undefined while some of it is missing. */
function endOf(bytes: Buffer, at: number): { body: number; end: number } | undefined {
  let length = 0;
  for (let index = 1; index <= 4; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** (index - 1);
    if ((byte & 0x80) !== 0) continue;
    const body = at + index + 1;
    return body + length <= bytes.length ? { body, end: body + length } : undefined;
  }
  return undefined;
}
