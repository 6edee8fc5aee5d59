import type { KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '@headcount/shared';
import type { Logger } from 'pino';
import type { AgentConfig } from '../config/config.js';
import type { CommandAnswer, CommandHandlers } from '../uplink/commands.js';
import { agentVersion } from '../version.js';
import { PROOF_FILE, readState } from './apply.js';
import { createDownload } from './download.js';
import {
  checkFallback,
  checkTarget,
  debianArch,
  readPublicKey,
  UpdateError,
  verifyManifest,
} from './manifest.js';
import { fetchPackage, requestInstall, type Download } from './stage.js';
import { isOver } from './update-state.js';

/** How long an agent must have counted without a break to call itself healthy (ms). */
const HEALTHY_AFTER_MS = 60_000;
/** How often it is looked how an update went (ms). */
const LOOK_MS = 15_000;

/** What the updater needs. */
export interface UpdaterOptions {
  /** The agent's own folder for packages and requests. */
  readonly staging: string;
  /** The privileged step's folder, which only root may write. */
  readonly privileged: string;
  readonly key: KeyObject;
  readonly version: string;
  readonly arch: string;
  /** Why this agent cannot be updated over the air; undefined where it can. */
  readonly unsupported?: string | undefined;
  readonly download: Download;
  /** Every stage moves and at least one camera is counted. */
  readonly counting: () => boolean;
  /** Keep a sentence with the counts. */
  readonly event: (detail: string) => void;
  /** UTC ms and monotonic ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly logger: Logger;
}

/** Where the privileged step keeps its state; systemd/headcount-agent-update.service names it too. */
const PRIVILEGED = '/var/lib/headcount-update';
/** There where dpkg has installed the agent. */
const PACKAGE_LIST = '/var/lib/dpkg/info/headcount-agent.list';

/**
 * The updater that a configuration asks for; undefined where it asks for none.
 * @throws UpdateError when the public key cannot be read
 */
export function openUpdater(
  { update, collector, dataDir }: AgentConfig,
  parts: Pick<UpdaterOptions, 'counting' | 'event' | 'now' | 'monotonic' | 'logger'>,
): Updater | undefined {
  if (update === undefined) return undefined;
  const arch = debianArch(process.arch);
  const unsupported = arch === undefined ? `no releases are made for ${process.arch}` : whyNotPackaged();
  if (unsupported !== undefined) parts.logger.warn({ unsupported }, 'no updates over the air');
  return new Updater({
    ...parts,
    staging: join(dataDir, 'update'),
    privileged: PRIVILEGED,
    key: readPublicKey(update.publicKeyFile),
    version: agentVersion(),
    arch: arch ?? process.arch,
    unsupported,
    download: createDownload(collector),
  });
}

/** dpkg installs the package beside an agent that came by another way, and both would count. */
function whyNotPackaged(): string | undefined {
  if (existsSync(PACKAGE_LIST)) return undefined;
  return 'this agent was not installed from the Debian package; update it with scripts/install-agent.sh';
}

/** The agent's part of an update: fetch and check, ask for the installation, prove its own health, tell how it went. */
export class Updater {
  private readonly options: UpdaterOptions;
  private countingSince: number | undefined;
  private proved = false;
  private lookedAt = -Infinity;

  constructor(options: UpdaterOptions) {
    this.options = options;
  }

  /** Obeys the `update` command. */
  readonly handle: NonNullable<CommandHandlers['update']> = async (
    command,
    { signal },
  ): Promise<CommandAnswer> => {
    const { staging, privileged, key, version, arch, download, counting, now, logger } = this.options;
    const { unsupported } = this.options;
    if (unsupported !== undefined) return { outcome: 'unsupported', detail: unsupported };
    const { target, fallback, allowDowngrade } = command;
    if (!counting())
      throw new UpdateError('nothing is counted now, so it could not be told whether a new version works');
    const newestSeen = (await readState(privileged))?.createdAt ?? 0;
    const wanted = { signed: target, manifest: verifyManifest(target, key) };
    const back = { signed: fallback, manifest: verifyManifest(fallback, key) };
    checkTarget(wanted.manifest, { version, arch, newestSeen, allowDowngrade });
    checkFallback(back.manifest, { version, arch, newestSeen, allowDowngrade });
    for (const release of [wanted, back]) await fetchPackage(release, { folder: staging, download, signal });
    await requestInstall(staging, { target, fallback, allowDowngrade, at: now() });
    logger.info(
      { from: version, to: wanted.manifest.version },
      'an update is checked and waits for its installation',
    );
    return { outcome: 'done', detail: `version ${wanted.manifest.version} is checked and will be installed` };
  };

  /** Call about once a second. */
  tick(): void {
    const { monotonic, counting, logger } = this.options;
    const at = monotonic();
    this.countingSince = counting() ? (this.countingSince ?? at) : undefined;
    const healthy = this.countingSince !== undefined && at - this.countingSince >= HEALTHY_AFTER_MS;
    const failed = (error: unknown) =>
      logger.warn({ err: error }, 'the state of an update could not be handled');
    if (healthy && !this.proved) {
      this.proved = true;
      this.prove().catch(failed);
    }
    if (at - this.lookedAt < LOOK_MS) return;
    this.lookedAt = at;
    this.tell().catch(failed);
  }

  private async prove(): Promise<void> {
    const { staging, version, now } = this.options;
    await mkdir(staging, { recursive: true });
    await writeAtomically(join(staging, PROOF_FILE), JSON.stringify({ version, at: now() }));
  }

  /** Tell once how an update ended. */
  private async tell(): Promise<void> {
    const { staging, privileged, event } = this.options;
    const state = await readState(privileged);
    if (state === undefined || !isOver(state)) return;
    const file = join(staging, 'told');
    if (existsSync(file) && readFileSync(file, 'utf8') === state.key) return;
    const { phase, from, to, reason } = state;
    event(`update from ${from} to ${to}: ${phase}${reason === '' ? '' : `, ${reason}`}`);
    await writeAtomically(file, state.key);
  }
}
