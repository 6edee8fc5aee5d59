import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';

/** Nothing that the collector answers here is larger (bytes); what is, is not an answer of ours. */
const MOST_ANSWER_BYTES = 256 * 1024;
/** A connection that is silent for so long is given up (ms). */
const SILENT_MS = 15_000;

/** What a request is made with, PEM; `cert` and `key` once the gateway has enrolled. */
export interface Credentials {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The collector answered with something other than success; `message` is its own words. */
export class HttpsError extends Error {
  override readonly name = 'HttpsError';
  readonly code = 'HTTPS_STATUS';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A request to the collector. */
export interface HttpsRequest extends Credentials {
  /** Ends the request and whatever is still being read. */
  readonly signal: AbortSignal;
  /** Sent as JSON with POST; GET without it. */
  readonly body?: object;
}

/**
 * Open a stream of what stands at an address of the collector; only status 200 counts.
 * @throws HttpsError with the collector's words; Error of TLS or the network
 */
export async function httpsStream(url: string, options: HttpsRequest): Promise<IncomingMessage> {
  const { ca, cert, key, signal, body } = options;
  const outgoing = request(url, {
    method: body === undefined ? 'GET' : 'POST',
    ...{ ca, cert, key, signal },
    // One request in months; a kept connection would only go stale.
    agent: false,
    timeout: SILENT_MS,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${SILENT_MS} ms`)));
  outgoing.end(body && JSON.stringify(body));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  // From here on whoever reads the response hears of a failure.
  outgoing.on('error', () => undefined);
  if (response.statusCode === 200) return response;
  const text = await readText(response);
  throw new HttpsError(response.statusCode ?? 0, detailOf(text) ?? `the answer is ${response.statusCode}`);
}

/** The JSON at an address of the collector, or what it answers to `body`. Throws like {@link httpsStream}. */
export async function httpsJson(url: string, options: HttpsRequest): Promise<unknown> {
  return JSON.parse(await readText(await httpsStream(url, options)));
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_ANSWER_BYTES) throw new Error('the answer is too large to be one of the collector');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The words of a problem document (RFC 9457). */
function detailOf(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const detail: unknown = (parsed as { detail?: unknown } | null)?.detail;
    return typeof detail === 'string' ? detail : undefined;
  } catch {
    return undefined;
  }
}
