import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Outcome } from '../message.js';

/** Of an answer more is not read. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** What a server answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** There was no answer. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code = 'NO_ANSWER';
  /** Whether the request may have reached the server. */
  readonly written: boolean;

  constructor(written: boolean, cause: Error) {
    super(cause.message, { cause });
    this.written = written;
  }
}

/** A request with its body. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/**
 * One request on a connection of its own, because of one that is kept open nobody knows whether it still is. Follows no
 * redirect: a receiver that has moved is named anew.
 * @throws HttpError that says whether the request may have been read
 */
export function request(url: string, { method, headers, body, signal }: HttpRequest): Promise<HttpAnswer> {
  const secure = url.startsWith('https:');
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    let written = false;
    const outgoing = (secure ? httpsRequest : httpRequest)(
      url,
      { method, agent: false, signal, headers: { ...headers, 'content-length': bytes.length } },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size <= MAX_ANSWER_BYTES) chunks.push(chunk);
        });
        response.on('error', (error) => reject(new HttpError(true, error)));
        response.on('end', () => {
          const { statusCode: status = 0, headers: answered } = response;
          resolve({ status, headers: answered, body: Buffer.concat(chunks).toString() });
        });
      },
    );
    // Before the connection stands, nothing leaves this machine.
    outgoing.on('socket', (socket) =>
      socket.once(secure ? 'secureConnect' : 'connect', () => (written = true)),
    );
    outgoing.on('error', (error) => reject(new HttpError(written, error)));
    outgoing.end(bytes);
  });
}

/** Turn a request that had no answer into an outcome; anything else is a defect and goes on. */
export function outcomeOfError(error: unknown): Outcome {
  if (error instanceof TypeError && 'code' in error && error.code === 'ERR_INVALID_URL')
    return { kind: 'perm', error: 'the address is no URL', contactFault: true };
  if (!(error instanceof HttpError)) throw error;
  const text =
    error.cause instanceof Error && error.cause.name === 'AbortError' ? 'no answer in time' : error.message;
  return error.written ? { kind: 'unknown', error: text } : { kind: 'temp', error: text };
}

/**
 * What an answer means by its status alone.
 * @param who such as "Slack", for messages
 */
export function outcomeOfStatus({ status, headers }: HttpAnswer, who: string): Outcome {
  if (status >= 200 && status < 300) return { kind: 'ok', status };
  const error = `${who} answers ${status}`;
  if (status === 429 || status === 408 || status >= 500)
    return { kind: 'temp', status, error, retryAfterMs: retryAfter(headers) };
  // 401: this collector is not let in, whoever it is for.
  return { kind: 'perm', status, error, contactFault: status !== 401 };
}

/** RFC 9110, 10.2.3: seconds, or a date; ms. */
function retryAfter({ 'retry-after': text }: IncomingHttpHeaders): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, Math.ceil(ms)) : undefined;
}

export const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' } as const;
