import { readFileSync } from 'node:fs';
import { get as httpGet, type IncomingMessage, type RequestOptions } from 'node:http';
import { get as httpsGet } from 'node:https';
import { UpdateError } from './manifest.js';
import type { Download } from './stage.js';

/** A connection over which nothing comes for so long is given up (ms). */
const SILENT_MS = 30_000;

/** Where releases come from, and this gateway's login there. */
export interface DownloadOptions {
  /** https://host:port of the collector, or http:// on this machine. */
  readonly url: string;
  readonly gateway: string;
  readonly password: string;
  /** CA certificate of the collector in PEM; the system's CAs where it is missing. */
  readonly caFile: string | undefined;
}

/** Downloads of one collector, with this gateway's name and password. */
export function createDownload({ url, gateway, password, caFile }: DownloadOptions): Download {
  return (file, signal) => {
    const address = new URL(`/gateway/v1/releases/${encodeURIComponent(file)}`, url);
    const options: RequestOptions & { ca?: Buffer } = {
      auth: `${gateway}:${password}`,
      signal,
      timeout: SILENT_MS,
      ...(caFile !== undefined && { ca: readFileSync(caFile) }),
    };
    return new Promise<IncomingMessage>((resolve, reject) => {
      const get = address.protocol === 'https:' ? httpsGet : httpGet;
      const request = get(address, options, (response) => {
        if (response.statusCode === 200) {
          resolve(response);
          return;
        }
        response.resume();
        reject(new UpdateError(`the collector answered ${response.statusCode ?? '?'} for ${file}`));
      });
      request.on('timeout', () => request.destroy(new UpdateError(`${address.host} sent nothing for 30 s`)));
      request.on('error', reject);
    });
  };
}
