import { RELEASES_PATH } from '@headcount/shared';
import type { CollectorConfig } from '../config/collector-config.js';
import { tlsOptions } from '../uplink/connection.js';
import { httpsStream } from '../uplink/https.js';
import type { Download } from './stage.js';

/** Downloads of the collector at which this gateway has enrolled, with its certificate as the login. */
export function createDownload(collector: CollectorConfig): Download {
  return (file, signal) => {
    // Read for every release: the certificate is renewed under way.
    const { ca = '', cert = '', key = '' } = tlsOptions(collector);
    const address = `${collector.httpsUrl ?? ''}${RELEASES_PATH}/${encodeURIComponent(file)}`;
    return httpsStream(address, { ca, cert, key, signal });
  };
}
