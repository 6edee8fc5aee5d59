import { TLSSocket } from 'node:tls';

/** What the other end of a TLS connection has shown. */
export interface ClientCertificate {
  /** The name in it; means nothing while there is a problem. */
  readonly gateway: string;
  /** Lower-case hex. */
  readonly serial: string;
  /** Why it proves nothing; undefined when our authority signed it and it is valid now. */
  readonly problem: string | undefined;
}

/** What OpenSSL finds, in words for the log; anything else is shown as it is. */
const PROBLEMS: Record<string, string> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is of another authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is of another authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is of another authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is of another authority',
};

/**
 * The client certificate of a connection; undefined where there is none. Whether it was revoked is for the database to
 * say, and so is its end: a connection that was resumed is not checked again by OpenSSL.
 */
export function clientCertificate(connection: unknown): ClientCertificate | undefined {
  if (!(connection instanceof TLSSocket)) return undefined;
  const certificate = connection.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const code: unknown = connection.authorizationError;
  const reason = connection.authorized ? undefined : String(code);
  return {
    gateway: /^CN=(\S+)$/.exec(certificate.subject)?.[1] ?? '',
    serial: certificate.serialNumber.toLowerCase(),
    problem: reason && (PROBLEMS[reason] ?? `the certificate is not trusted (${reason})`),
  };
}
