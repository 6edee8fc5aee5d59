import { join } from 'node:path';
import { RELEASES_PATH } from '@headcount/shared';
import type { Logger } from 'pino';
import type { AgentConfig } from './config/config.js';
import { debianArch, readPublicKey } from './update/manifest.js';
import { Updater } from './update/updater.js';
import type { CommandHandlers } from './uplink/commands.js';
import { tlsOptions } from './uplink/connection.js';
import { httpsStream } from './uplink/https.js';

/** Takes releases from the collector; undefined where the configuration names no publisher. @throws UpdateError */
export function createUpdater(
  { update, collector, dataDir }: AgentConfig,
  parts: {
    version: string;
    well: () => boolean;
    event: (detail: string) => void;
    monotonic: () => number;
    logger: Logger;
  },
): Updater | undefined {
  if (update === undefined) return undefined;
  return new Updater({
    folder: join(dataDir, 'update'),
    installerFolder: update.installerDir,
    publicKey: readPublicKey(update.publicKeyFile),
    arch: debianArch(),
    download: (file, signal) => {
      // Read for every release: the certificate is renewed under way.
      const { ca = '', cert = '', key = '' } = tlsOptions(collector);
      return httpsStream(`${collector.httpsUrl}${RELEASES_PATH}/${file}`, { ca, cert, key, signal });
    },
    ...parts,
  });
}

/** Obeys the collector's command to update. */
export function updateHandler(updater: Updater): NonNullable<CommandHandlers['update']> {
  return async ({ target, fallback, allowDowngrade }, { signal }) => ({
    outcome: 'done',
    detail: await updater.stage({ target, fallback, allowDowngrade }, signal),
  });
}
