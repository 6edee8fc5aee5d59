/**
 * Reads the fixed headers of MQTT packets as bytes go by and says when one announces more than is allowed, before its
 * payload is buffered (MQTT 3.1.1, section 2.2: one type byte, then a length of 1 to 4 bytes with 7 bits each).
 */
export class PacketSizeGuard {
  private readonly maxBytes: () => number;
  /** Bytes of the current packet still to come; undefined while its length is being read. */
  private remaining: number | undefined;
  private typeSeen = false;
  private length = 0;
  private factor = 1;

  /** @param maxBytes what a packet may announce now */
  constructor(maxBytes: () => number) {
    this.maxBytes = maxBytes;
  }

  /** @returns the announced length of a packet that is too large, in bytes; undefined while all is well */
  inspect(chunk: Uint8Array): number | undefined {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.remaining !== undefined) {
        const skip = Math.min(this.remaining, chunk.length - offset);
        offset += skip;
        this.remaining -= skip;
        if (this.remaining === 0) this.nextPacket();
      } else if (!this.typeSeen) {
        this.typeSeen = true;
        offset += 1;
      } else {
        this.readLength(chunk[offset++] ?? 0);
        if (this.length > this.maxBytes()) return this.length;
      }
    }
    return undefined;
  }

  private readLength(byte: number): void {
    this.length += (byte & 0x7f) * this.factor;
    this.factor *= 128;
    if ((byte & 0x80) !== 0) return;
    if (this.length === 0) this.nextPacket();
    else this.remaining = this.length;
  }

  private nextPacket(): void {
    this.remaining = undefined;
    this.typeSeen = false;
    this.length = 0;
    this.factor = 1;
  }
}
