/** Headers of an answer that are longer are no camera's (bytes). */
export const MAX_ANSWER_BYTES = 65_536;

/** Payload types that need no rtpmap (RFC 3551, table 5). */
const STATIC_VIDEO: Readonly<Record<string, string>> = { 26: 'JPEG', 31: 'H261', 32: 'MPV', 34: 'H263' };

/** A whole answer of an RTSP server. */
export interface RtspAnswer {
  readonly status: number;
  readonly reason: string;
  readonly body: string;
}

/** A request without credentials (RFC 2326). @param address the stream's address */
export function rtspRequest(method: 'OPTIONS' | 'DESCRIBE', address: string, sequence: number): string {
  const accept = method === 'DESCRIBE' ? ['Accept: application/sdp'] : [];
  const lines = [`${method} ${address} RTSP/1.0`, `CSeq: ${sequence}`, 'User-Agent: headcount', ...accept];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/**
 * Read what has come so far.
 * @returns the answer, `foreign` when this is not RTSP, or undefined when more has to come
 */
export function parseRtspAnswer(text: string): RtspAnswer | 'foreign' | undefined {
  const start = text.slice(0, 5);
  if (!'RTSP/'.startsWith(start)) return 'foreign';
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return text.length > MAX_ANSWER_BYTES ? 'foreign' : undefined;
  const [first = '', ...headers] = text.slice(0, end).split('\r\n');
  const [, status, reason = ''] = /^RTSP\/1\.\d (\d{3}) ?(.*)$/.exec(first) ?? [];
  if (status === undefined) return 'foreign';
  const length = headers.map((line) => /^content-length:\s*(\d+)/i.exec(line)?.[1]).find(Boolean);
  const body = text.slice(end + 4);
  if (body.length < Math.min(Number(length ?? 0), MAX_ANSWER_BYTES)) return undefined;
  return { status: Number(status), reason: reason.slice(0, 100), body };
}

/** Names of the video encodings in a session description, in capitals (RFC 8866, `m=` and `a=rtpmap`). */
export function videoEncodings(description: string): string[] {
  const names: string[] = [];
  let types: string[] = [];
  for (const line of description.split(/\r?\n/)) {
    const media = /^m=(\w+) \S+ \S+ (.*)$/.exec(line);
    if (media !== null) types = media[1] === 'video' ? (media[2] ?? '').split(' ') : [];
    if (media !== null) names.push(...types.flatMap((type) => STATIC_VIDEO[type] ?? []));
    const map = /^a=rtpmap:(\d+) ([^/\s]+)/.exec(line);
    if (map?.[1] !== undefined && types.includes(map[1])) names.push((map[2] ?? '').toUpperCase());
  }
  return [...new Set(names)];
}
