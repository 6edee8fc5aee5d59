import { readFileSync } from 'node:fs';
import type { TlsFiles } from '../config/collector-config.js';
import { isLoginRefused } from './cause.js';

/** What a TLS connection is made with, PEM. */
export interface TlsOptions {
  ca?: string;
  cert?: string;
  key?: string;
}

/**
 * Read the certificate files of a connection; nothing for a plain one.
 * @throws Error naming a file that cannot be read
 */
export function tlsOptions({ caFile, certFile, keyFile }: TlsFiles): TlsOptions {
  return {
    ...(caFile !== undefined && { ca: readFileSync(caFile, 'utf8') }),
    ...(certFile !== undefined && { cert: readFileSync(certFile, 'utf8') }),
    ...(keyFile !== undefined && { key: readFileSync(keyFile, 'utf8') }),
  };
}

/** A connection error in words that say what to do. */
export function explainFailure(
  error: Error,
  { url, gateway, tls }: { url: string; gateway: string; tls: TlsFiles },
): string {
  const code = 'code' in error ? error.code : undefined;
  if (isLoginRefused(code)) {
    return tls.certFile === undefined
      ? `the collector refused the password of gateway "${gateway}"; add the gateway again or mend the password file`
      : `the collector refused the certificate of gateway "${gateway}"; ask for an enrolment code and enrol again`;
  }
  return explainNetwork(code, url) ?? `cannot reach ${url}: ${error.message}`;
}

/** A network or TLS failure in words that say what to do; undefined for a code that is not known. */
export function explainNetwork(code: unknown, url: string): string | undefined {
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens at ${url}; is the collector running and the address right?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name in ${url} is not known; check the address and DNS`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no way to ${url}; check network and firewall`;
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return `what listens at ${url} does not speak TLS; is it the right port?`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `the collector's certificate is not for the name in ${url}; add the name to tls.names of the collector`;
    case 'CERT_NOT_YET_VALID':
    case 'CERT_HAS_EXPIRED':
      return `the collector's certificate is not valid now; check the clock of this gateway, then that of the collector`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `the certificate at ${url} is not one of this gateway's collector; was it set up anew? then enrol again`;
    default:
      return undefined;
  }
}
