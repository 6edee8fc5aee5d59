import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** Seconds from 1900, where NTP starts to count, to 1970 (RFC 5905, section 6). */
const NTP_EPOCH_SECONDS = 2_208_988_800;
const PACKET_BYTES = 48;
/** Leap indicator 0, version 4, mode 3: a client asks (RFC 5905, section 7.3). */
const CLIENT_V4 = 0x23;
const SERVER_MODE = 4;
/** Positions of the fields that count (RFC 5905, figure 8). */
const STRATUM = 1;
const ORIGINATE = 24;
const RECEIVE = 32;
const TRANSMIT = 40;

/** A time server answered, but its time cannot be used. */
export class NtpError extends Error {
  override readonly name = 'NtpError';
  readonly code = 'NTP_UNUSABLE';
}

/**
 * Ask a time server once (SNTP, RFC 4330).
 * @returns how many ms the local clock is behind; negative when it is ahead
 * @throws NtpError for an answer without time; the signal's reason; the socket's error
 */
export async function clockOffset(options: {
  readonly server: string;
  readonly port: number;
  /** UTC ms. */
  readonly wall: () => number;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { server, port, wall, signal } = options;
  const socket = createSocket(server.includes(':') ? 'udp6' : 'udp4');
  const request = Buffer.alloc(PACKET_BYTES);
  request[0] = CLIENT_V4;
  // Random instead of the time: only who saw the question can answer, and nobody learns our clock.
  const cookie = randomBytes(8);
  cookie.copy(request, TRANSMIT);
  try {
    socket.connect(port, server);
    await once(socket, 'connect', { signal });
    const answered = once(socket, 'message', { signal });
    const sentAt = wall();
    socket.send(request);
    const [answer] = (await answered) as [Buffer];
    const arrivedAt = wall();
    return offsetOf(answer, { cookie, sentAt, arrivedAt });
  } finally {
    socket.close();
  }
}

/**
 * The offset that an answer tells: half the sum of how far the clocks are apart on both ways (RFC 5905, section 8).
 * @throws NtpError
 */
export function offsetOf(
  answer: Buffer,
  { cookie, sentAt, arrivedAt }: { cookie: Buffer; sentAt: number; arrivedAt: number },
): number {
  if (answer.length < PACKET_BYTES || ((answer[0] ?? 0) & 7) !== SERVER_MODE)
    throw new NtpError('the answer is not that of a time server');
  if (!answer.subarray(ORIGINATE, ORIGINATE + 8).equals(cookie))
    throw new NtpError('the answer belongs to another question');
  const stratum = answer[STRATUM] ?? 0;
  if (stratum === 0 || stratum > 15) throw new NtpError('the server says that it has no time itself');
  return (timeAt(answer, RECEIVE) - sentAt + timeAt(answer, TRANSMIT) - arrivedAt) / 2;
}

/** UTC ms of a 64-bit NTP timestamp. */
function timeAt(packet: Buffer, at: number): number {
  const seconds = packet.readUInt32BE(at) - NTP_EPOCH_SECONDS;
  return seconds * 1000 + (packet.readUInt32BE(at + 4) / 2 ** 32) * 1000;
}
