import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, isIP } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { TlsOptions } from '../uplink/connection.js';
import { clockOffset } from './ntp.js';
import type { Checks, Finding } from './steps.js';

/** A clock that is farther off puts counts into wrong minutes (ms; as in the clock verdict). */
const CLOCK_OFFSET_MS = 2000;
/** A certificate that ends sooner should be looked after now (days). */
const EXPIRES_SOON_DAYS = 14;
const DAY_MS = 86_400_000;
const NTP_PORT = 123;

/** Where the collector is and how its certificate is judged. */
export interface NetworkTarget {
  /** mqtt://host:port or mqtts://host:port. */
  readonly url: string;
  /** Reads what the uplink trusts and shows. @throws Error where a file cannot be read */
  readonly tls: () => TlsOptions;
  /** The time server that this machine is set up with; undefined where none is known. */
  readonly timeServer: (signal: AbortSignal) => Promise<string | undefined>;
  /** UDP port of the time server; 123 if not given. */
  readonly timePort?: number;
  /** UTC ms. */
  readonly wall: () => number;
}

/** The checks that need only the network. */
export function networkChecks(target: NetworkTarget): Pick<Checks, 'dns' | 'time' | 'tcp' | 'tls'> {
  const { protocol, hostname, port } = new URL(target.url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const secure = protocol === 'mqtts:';
  const at = { host, port: Number(port) || (secure ? 8883 : 1883) };
  return {
    dns: (signal) => checkDns(host, signal),
    time: (signal) => checkTime(target, signal),
    tcp: (signal) => checkTcp(at, signal),
    tls: (signal) =>
      secure
        ? checkTls(at, target, signal)
        : Promise.resolve({ outcome: 'skipped', code: 'tls-not-used', values: {} }),
  };
}

async function checkDns(host: string, signal: AbortSignal): Promise<Finding> {
  if (isIP(host) !== 0) return { outcome: 'skipped', code: 'dns-not-needed', values: { host } };
  try {
    const found = await abortable(lookup(host, { all: true }), signal);
    const addresses = found.map(({ address }) => address).join(', ');
    return { outcome: 'good', code: 'dns-fine', values: { host, addresses } };
  } catch (error) {
    signal.throwIfAborted();
    const code = codeOf(error);
    return code === 'ENOTFOUND'
      ? { outcome: 'bad', code: 'dns-unknown', values: { host } }
      : { outcome: 'bad', code: 'dns-failed', values: { host, reason: code } };
  }
}

async function checkTime(target: NetworkTarget, signal: AbortSignal): Promise<Finding> {
  const server = await target.timeServer(signal);
  if (server === undefined) return { outcome: 'skipped', code: 'time-not-configured', values: {} };
  const { wall, timePort: port = NTP_PORT } = target;
  try {
    const ms = Math.round(await clockOffset({ server, port, wall, signal }));
    const off = Math.abs(ms) > CLOCK_OFFSET_MS;
    return off
      ? { outcome: 'bad', code: 'time-off', values: { server, ms } }
      : { outcome: 'good', code: 'time-fine', values: { server, ms } };
  } catch {
    // Silence is what a closed UDP port looks like: the limit of this step is its answer.
    return { outcome: 'bad', code: 'time-silent', values: { server } };
  }
}

async function checkTcp(at: { host: string; port: number }, signal: AbortSignal): Promise<Finding> {
  const socket = connect(at);
  try {
    await once(socket, 'connect', { signal });
    return { outcome: 'good', code: 'tcp-fine', values: at };
  } catch (error) {
    if (signal.aborted) return { outcome: 'bad', code: 'tcp-silent', values: at };
    const code = codeOf(error);
    return code === 'ECONNREFUSED'
      ? { outcome: 'bad', code: 'tcp-refused', values: at }
      : { outcome: 'bad', code: 'tcp-failed', values: { ...at, reason: code } };
  } finally {
    socket.destroy();
  }
}

async function checkTls(
  at: { host: string; port: number },
  { tls, wall }: NetworkTarget,
  signal: AbortSignal,
): Promise<Finding> {
  const { host } = at;
  let socket: TLSSocket | undefined;
  try {
    // Nothing is sent here: the connection may come about so that one can say what is wrong with the certificate.
    const options = { ...at, ...tls(), rejectUnauthorized: false };
    socket = connectTls({ ...options, ...(isIP(host) === 0 && { servername: host }) });
    await once(socket, 'secureConnect', { signal });
    return judgeCertificate(socket, host, wall());
  } catch (error) {
    signal.throwIfAborted();
    return { outcome: 'bad', code: 'tls-failed', values: { reason: codeOf(error) } };
  } finally {
    socket?.destroy();
  }
}

function judgeCertificate(socket: TLSSocket, host: string, now: number): Finding {
  const certificate = socket.getPeerCertificate();
  const days = Math.floor((Date.parse(certificate.valid_to) - now) / DAY_MS);
  const values = {
    host,
    days,
    until: new Date(certificate.valid_to).toISOString().slice(0, 10),
    from: new Date(certificate.valid_from).toISOString().slice(0, 10),
    names: certificate.subjectaltname?.replace(/(DNS|IP Address):/g, '') ?? '',
    issuer: [certificate.issuer.CN ?? certificate.issuer.O ?? '?'].flat().join(', '),
  };
  if (socket.authorized)
    return { outcome: 'good', code: days < EXPIRES_SOON_DAYS ? 'tls-soon' : 'tls-fine', values };
  const code = TLS_CODES[String(socket.authorizationError)] ?? tlsCode(socket.authorizationError);
  return { outcome: 'bad', code, values: { ...values, reason: codeOf(socket.authorizationError) } };
}

/** OpenSSL's verification results in our words; all others mean that the issuer is not trusted. */
const TLS_CODES: Partial<Record<string, Finding['code']>> = {
  CERT_HAS_EXPIRED: 'tls-expired',
  CERT_NOT_YET_VALID: 'tls-not-yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls-name',
};

function tlsCode(error: unknown): Finding['code'] {
  return TLS_CODES[codeOf(error)] ?? 'tls-untrusted';
}

/** The code of a system or TLS error, for a person who passes it on; the message where there is none. */
export function codeOf(error: unknown): string {
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.message;
  return String(error);
}

/** Give up waiting for what cannot be stopped. @throws the signal's reason */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const give = () => reject(signal.reason as Error);
    signal.addEventListener('abort', give, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give));
  });
}
