import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { codeFingerprint } from '@headcount/shared';
import { EnrolmentError } from './errors.js';

/** Certificates of a chain that are looked at: a server can send any number. */
const LONGEST_CHAIN = 8;
const HTTPS_PORT = 443;

/**
 * Ask the collector for its chain of certificates and take the one that the enrolment code names. Nothing is sent and
 * nothing is believed here but that certificate: it becomes the root for a second connection, which is checked in full
 * and is the first to carry the code.
 * @param fingerprint of `codeFingerprint`, from the code
 * @returns the root certificate, PEM
 * @throws EnrolmentError when no certificate fits; Error of TLS or the network
 */
export async function fetchRoot(url: string, fingerprint: string, signal: AbortSignal): Promise<string> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connect({
    host,
    port: Number(port || HTTPS_PORT),
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: false,
  });
  try {
    await once(socket, 'secureConnect', { signal });
    for (const raw of chainOf(socket)) {
      if (codeFingerprint(raw) === fingerprint) return new X509Certificate(raw).toString();
    }
  } finally {
    socket.destroy();
  }
  throw new EnrolmentError(
    `${url} is not the collector that made this code: its certificates do not fit. Nothing was sent to it. Check the address; if it is right, somebody may be in between`,
  );
}

function chainOf(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next !== undefined && chain.length < LONGEST_CHAIN) {
    const { raw, issuerCertificate } = next as Partial<DetailedPeerCertificate>;
    // The root is its own issuer.
    if (raw === undefined || chain.at(-1)?.equals(raw) === true) break;
    chain.push(raw);
    next = issuerCertificate;
  }
  return chain;
}
