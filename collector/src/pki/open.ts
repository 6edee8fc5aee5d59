import { join } from 'node:path';
import { codeFingerprint } from '@headcount/shared';
import type { CollectorConfig } from '../config/config.js';
import { Authority } from './authority.js';
import { ServerIdentity } from './server-identity.js';
import * as x509 from './x509.js';

/** The authority and what the listeners show. */
export interface Pki {
  readonly authority: Authority;
  readonly identity: ServerIdentity;
}

/**
 * Open the keys of a collector, making those that are not there. @param now UTC ms
 * @throws PkiError for files that cannot be used
 */
export async function openPki({ dataDir, tls }: CollectorConfig, now: number): Promise<Pki> {
  const folder = join(dataDir, 'pki');
  const authority = await Authority.open(folder, now);
  const { names, certFile, keyFile } = tls;
  const given = certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile };
  const identity = new ServerIdentity({ folder, names, given, authority });
  await identity.refresh(now);
  return { authority, identity };
}

/** What an enrolment code carries of the root that gateways will trust. */
export function rootFingerprint({ identity }: Pki): string {
  return codeFingerprint(new Uint8Array(new x509.X509Certificate(identity.root).rawData));
}
