import type { KeyObject } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { SignedManifest } from '@headcount/shared';
import type { Logger } from 'pino';
import { z } from 'zod';
import { writeAtomically } from '../config/atomic-file.js';
import { UpdateError } from './errors.js';
import { fetchPackage, type Download } from './fetch-package.js';
import { checkTarget, openManifest, type Manifest } from './manifest.js';
import { agentPlaces, installerPlaces, outcomeSchema, proofSchema, readNote } from './places.js';
import { isOver } from './progress.js';

/** A new version must be well for so long, without a pause, before it has proved itself (ms). */
const PROOF_MS = 2 * 60_000;

const newestSchema = z.strictObject({ createdAt: z.int() });
const toldSchema = z.strictObject({ id: z.uuid(), phase: z.string() });

/** What the updater needs. */
export interface UpdaterOptions {
  /** The agent's own folder for updates, and the installer's. */
  readonly folder: string;
  readonly installerFolder: string;
  readonly publicKey: KeyObject;
  readonly version: string;
  readonly arch: Manifest['arch'];
  readonly download: Download;
  /** True while every stage moves and, where a camera should count, one counts. */
  readonly well: () => boolean;
  /** Keep a sentence with the counts. */
  readonly event: (detail: string) => void;
  readonly monotonic: () => number;
  readonly logger: Logger;
}

/**
 * The unprivileged half of an update: checks and fetches a release, leaves it for the installer, and afterwards says
 * whether the version that runs is well. What it says decides nothing but that: the installer checks the signature again.
 */
export class Updater {
  private readonly options: UpdaterOptions;
  private readonly places: ReturnType<typeof agentPlaces>;
  private readonly outcomeFile: string;
  private wellSince: number | undefined;
  private busy = false;

  constructor(options: UpdaterOptions) {
    this.options = options;
    this.places = agentPlaces(options.folder);
    this.outcomeFile = installerPlaces(options.installerFolder).outcome;
  }

  /**
   * Fetch a release and the one to go back to, and ask the installer for it.
   * @returns what was staged, in words
   * @throws UpdateError when it is refused; Error of the network or the disk
   */
  async stage(
    wanted: { target: SignedManifest; fallback: SignedManifest; allowDowngrade: boolean },
    signal: AbortSignal,
  ): Promise<string> {
    const { publicKey, version, arch, logger } = this.options;
    const target = openManifest(wanted.target, publicKey);
    const fallback = openManifest(wanted.fallback, publicKey);
    const newest = readNote(this.places.newest, newestSchema)?.createdAt ?? 0;
    checkTarget(target, { version, arch, newest }, wanted.allowDowngrade);
    if (fallback.version !== version || fallback.arch !== arch)
      throw new UpdateError(`the way back must be ${version} for ${arch}, which runs here`);
    const outcome = readNote(this.outcomeFile, outcomeSchema);
    if (this.busy || (outcome !== undefined && !isOver(outcome.phase)))
      throw new UpdateError('another update is under way; wait until it is kept or rolled back');
    this.busy = true;
    try {
      await this.fetchBoth([fallback, target], signal);
      await writeAtomically(
        this.places.newest,
        JSON.stringify({ createdAt: Math.max(newest, target.createdAt) }),
      );
      await writeAtomically(this.places.request, JSON.stringify(wanted));
    } finally {
      this.busy = false;
    }
    logger.info({ from: version, to: target.version }, 'a release is ready for the installer');
    return `${target.version} is checked and handed to the installer; what becomes of it is told as an event`;
  }

  /** Prove that this version is well, and tell what became of an update; about once a second. */
  async tick(): Promise<void> {
    const outcome = readNote(this.outcomeFile, outcomeSchema);
    if (outcome === undefined) return;
    await this.tell(outcome);
    if (outcome.phase !== 'probation' || outcome.to !== this.options.version) return;
    const now = this.options.monotonic();
    this.wellSince = this.options.well() ? (this.wellSince ?? now) : undefined;
    if (this.wellSince === undefined || now - this.wellSince < PROOF_MS) return;
    if (readNote(this.places.proof, proofSchema)?.version === outcome.to) return;
    await writeAtomically(this.places.proof, JSON.stringify({ version: outcome.to }));
  }

  private async fetchBoth(manifests: readonly Manifest[], signal: AbortSignal): Promise<void> {
    const { folder, download } = this.options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const manifest of manifests) await fetchPackage(manifest, { folder, download, signal });
  }

  private async tell({ id, phase, from, to, detail }: z.infer<typeof outcomeSchema>): Promise<void> {
    const told = readNote(this.places.told, toldSchema);
    if (!isOver(phase) || (told?.id === id && told.phase === phase)) return;
    this.options.event(`update from ${from} to ${to} ${phase}${detail === '' ? '' : `: ${detail}`}`);
    await writeAtomically(this.places.told, JSON.stringify({ id, phase }));
  }
}
