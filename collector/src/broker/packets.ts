/** MQTT 3.1.1, section 2.2.1. */
const PUBLISH = 3;

/** What a piece of a connection holds. */
export interface Scan {
  /** Announced length of a packet that is too large (bytes); undefined while all is well. */
  readonly tooLarge: number | undefined;
  /** Bytes that were looked at: the whole piece, or up to the end of the last packet that may be taken at once. */
  readonly bytes: number;
  /** Packets that end in them, and how many of those carry a message. */
  readonly packets: number;
  readonly messages: number;
}

/**
 * Reads the fixed headers of MQTT packets as bytes go by: says when one announces more than is allowed, before its payload
 * is buffered, and how many packets there are (MQTT 3.1.1, section 2.2: one type byte, then a length of 1 to 4 bytes with 7
 * bits each).
 */
export class PacketScanner {
  private readonly maxBytes: () => number;
  private readonly maxPackets: number;
  /** Bytes of the current packet still to come; undefined while its length is being read. */
  private remaining: number | undefined;
  private type: number | undefined;
  private length = 0;
  private factor = 1;

  /**
   * @param limits.maxBytes what a packet may announce now
   * @param limits.maxPackets how many packets are taken at once
   */
  constructor(limits: { maxBytes: () => number; maxPackets: number }) {
    this.maxBytes = limits.maxBytes;
    this.maxPackets = limits.maxPackets;
  }

  scan(chunk: Uint8Array): Scan {
    const found = { tooLarge: undefined as number | undefined, bytes: 0, packets: 0, messages: 0 };
    while (found.bytes < chunk.length && found.packets < this.maxPackets) {
      if (this.remaining !== undefined) {
        const skip = Math.min(this.remaining, chunk.length - found.bytes);
        found.bytes += skip;
        this.remaining -= skip;
      } else if (this.type === undefined) {
        this.type = (chunk[found.bytes++] ?? 0) >> 4;
      } else {
        this.readLength(chunk[found.bytes++] ?? 0);
        if (this.length > this.maxBytes()) return { ...found, tooLarge: this.length };
      }
      if (this.remaining !== 0) continue;
      found.packets += 1;
      if (this.type === PUBLISH) found.messages += 1;
      this.nextPacket();
    }
    return found;
  }

  private readLength(byte: number): void {
    this.length += (byte & 0x7f) * this.factor;
    this.factor *= 128;
    if ((byte & 0x80) === 0) this.remaining = this.length;
  }

  private nextPacket(): void {
    this.remaining = undefined;
    this.type = undefined;
    this.length = 0;
    this.factor = 1;
  }
}
