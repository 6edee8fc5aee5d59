import type { Duplex } from 'node:stream';
import { PacketScanner, type Scan } from './packets.js';

/**
 * Packets that are handed over at once; the next come when these are done. One read can hold thousands of tiny ones, which
 * would all wait in memory at the same time.
 */
const PACKETS_AT_ONCE = 50;

/** What is to be known of a connection's bytes. */
export interface ReadRules {
  /** What a packet may announce now (bytes). */
  readonly maxBytes: () => number;
  /** A packet announces more; the connection is over. */
  readonly onTooLarge: (announcedBytes: number) => void;
  /** @returns for how long not to read on (ms) */
  readonly onRead: (scan: Scan) => number;
}

/**
 * Stand between a connection and Aedes, which pulls bytes with read(): a huge packet is stopped before anything collects
 * it, and a client that is too fast is not read for a while, until its own network buffer is full and it has to wait.
 */
export function watchReads(socket: Duplex, { maxBytes, onTooLarge, onRead }: ReadRules): void {
  const scanner = new PacketScanner({ maxBytes, maxPackets: PACKETS_AT_ONCE });
  const read = socket.read.bind(socket);
  let pause: NodeJS.Timeout | undefined;
  socket.once('close', () => clearTimeout(pause));
  socket.read = (size?: number): unknown => {
    if (pause !== undefined) return null;
    const chunk: unknown = read(size);
    if (!(chunk instanceof Uint8Array)) return chunk;
    const scan = scanner.scan(chunk);
    if (scan.tooLarge !== undefined) {
      onTooLarge(scan.tooLarge);
      socket.destroy();
      return null;
    }
    if (scan.bytes < chunk.length) socket.unshift(chunk.subarray(scan.bytes));
    const waitMs = onRead(scan);
    if (waitMs > 0)
      pause = setTimeout(() => {
        pause = undefined;
        socket.emit('readable');
      }, waitMs);
    return chunk.subarray(0, scan.bytes);
  };
}
