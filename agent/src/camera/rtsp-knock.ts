import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Knock } from './diagnosis.js';
import { parseRtspAnswer, rtspRequest, videoEncodings, type RtspAnswer } from './rtsp-message.js';

/** Time for the connection, and for each of the two answers (ms). A camera in the same building needs a few. */
const STEP_MS = 3000;
const PORTS = { 'rtsp:': 554, 'rtsps:': 322 } as const;

/** Ways of a connection to fail, by the system's code; everything else is `unreachable`. */
const TCP_CODES: Readonly<Record<string, Knock['tcp']>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
};

/**
 * Ask a camera over RTSP whether it is there, without starting a decoder: OPTIONS, then DESCRIBE, without the password,
 * so that it can never count as a failed login. Takes at most three times three seconds.
 * @param url rtsp:// or rtsps://, without credentials
 * @throws the signal's reason when aborted
 */
export async function knockRtsp(url: string, signal: AbortSignal): Promise<Knock> {
  const { protocol, hostname } = new URL(url);
  const port = Number(new URL(url).port || PORTS[protocol === 'rtsps:' ? 'rtsps:' : 'rtsp:']);
  const host = hostname.replace(/^\[|\]$/g, '');
  const where = `${hostname}:${port}`;
  let socket: Socket;
  try {
    socket = await open({ host, port, secure: protocol === 'rtsps:', signal });
  } catch (error) {
    signal.throwIfAborted();
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
    const tcp = TCP_CODES[code] ?? 'unreachable';
    return { tcp, rtsp: 'none', status: null, video: null, detail: `${where}: ${code}` };
  }
  try {
    const found = await converse(socket, url, where);
    signal.throwIfAborted();
    return found;
  } finally {
    socket.destroy();
  }
}

interface Target {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly signal: AbortSignal;
}

function open({ host, port, secure, signal }: Target): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // Cameras sign their own certificates, and nothing secret is sent.
    const socket = secure
      ? connectTls({ host, port, rejectUnauthorized: false })
      : connect({ host, port, autoSelectFamily: true });
    const end = () => socket.destroy(new Error('aborted'));
    signal.addEventListener('abort', end, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', end));
    const late = setTimeout(() => socket.destroy(new Error('no answer')), STEP_MS);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      clearTimeout(late);
      resolve(socket);
    });
    socket.on('error', (error: Error) => {
      clearTimeout(late);
      reject(error);
    });
    if (signal.aborted) end();
  });
}

async function converse(socket: Socket, url: string, where: string): Promise<Knock> {
  const options = await ask(socket, rtspRequest('OPTIONS', url, 1));
  if (options === undefined || options === 'foreign') {
    const detail = options === undefined ? 'open, but no answer' : 'open, but what answers is not RTSP';
    const rtsp = options === undefined ? 'none' : 'foreign';
    return { tcp: 'open', rtsp, status: null, video: null, detail: `${where}: ${detail}` };
  }
  const answer = await ask(socket, rtspRequest('DESCRIBE', url, 2));
  // Some cameras hang up after refusing OPTIONS; then that is their answer.
  const last = typeof answer === 'object' ? answer : options.status >= 400 ? options : undefined;
  return {
    tcp: 'open',
    rtsp: 'answered',
    status: last?.status ?? null,
    video: last?.status === 200 ? videoEncodings(last.body) : null,
    detail: last === undefined ? `${where}: no answer to DESCRIBE` : describe(where, last),
  };
}

function describe(where: string, { status, reason }: RtspAnswer): string {
  return `${where}: ${status} ${reason}`.trim();
}

/** Send a request; the answer, or undefined when none comes in time or the camera hangs up. */
function ask(socket: Socket, request: string): Promise<RtspAnswer | 'foreign' | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const finish = (answer: RtspAnswer | 'foreign' | undefined) => {
      clearTimeout(late);
      socket.off('data', take).off('close', gone);
      resolve(answer);
    };
    const take = (bytes: Buffer) => {
      text += bytes.toString('latin1');
      const answer = parseRtspAnswer(text);
      if (answer !== undefined) finish(answer);
    };
    const gone = () => finish(undefined);
    const late = setTimeout(gone, STEP_MS);
    socket.on('data', take).on('close', gone);
    if (socket.destroyed) gone();
    else socket.write(request);
  });
}
