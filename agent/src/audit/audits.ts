import { createHash, randomUUID } from 'node:crypto';
import { AUDIT_STRATA, type AuditRecord, type AuditResult } from '@headcount/shared';
import type { Logger } from 'pino';
import type { DeviceKey } from '../commissioning/device-key.js';
import type { LineConfig } from '../config/camera-config.js';
import { AuditFiles, type Drawn, type StoredClip } from './audit-files.js';
import { ClipRecorder, type ClipDraft } from './clip-recorder.js';
import { Reservoir } from './reservoir.js';
import { scoreOf, summarise, type AuditScore, type AuditSummary, type Counted } from './score.js';
import { encodeStrip } from './strip.js';

/** Clips drawn an hour: with crossings, and with somebody near who was not counted. */
const CLIPS_AN_HOUR = { crossing: 8, near: 4 } as const;
/** Clips that may wait to be encoded: each holds up to 8 MB. */
const MAX_WAITING = 2;

/** A clip as the page gets it: what the machine counted in it stays here until a person has answered. */
export type AuditClip = Pick<
  StoredClip,
  'id' | 'camera' | 'line' | 'name' | 'directions' | 'path' | 'from' | 'to' | 'frames' | 'width' | 'height'
>;

/** What the page shows once a person has answered. */
export interface AuditAnswer {
  readonly person: Counted;
  readonly machine: Counted;
  readonly score: AuditScore;
}

/** What audits need of the agent. */
export interface AuditsOptions {
  readonly gateway: string;
  readonly dataDir: string;
  readonly key: DeviceKey;
  /** What stands on every count. */
  readonly versions: () => { readonly configVersion: string; readonly modelHash: string };
  readonly write: (records: readonly AuditRecord[]) => void;
  /** UTC ms. */
  readonly now: () => number;
  /** 0 to 1, 1 excluded. */
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Short clips around lines, drawn by lot, on which a person counts without knowing what the machine counted. Results are
 * signed and go to the collector.
 */
export class Audits {
  private readonly options: AuditsOptions;
  private readonly files: AuditFiles;
  private readonly reservoirs: Readonly<Record<Drawn['stratum'], Reservoir>>;
  private work = Promise.resolve();
  private waiting = 0;
  /** Clips that were drawn but not kept, because encoding or the disk did not keep up. */
  dropped = 0;

  constructor(options: AuditsOptions) {
    this.options = options;
    this.files = new AuditFiles(options);
    const { random } = options;
    this.reservoirs = {
      crossing: new Reservoir({ size: CLIPS_AN_HOUR.crossing, random }),
      near: new Reservoir({ size: CLIPS_AN_HOUR.near, random }),
    };
  }

  /** Read what earlier runs kept. */
  start(): void {
    this.files.open();
    for (const stratum of AUDIT_STRATA) {
      const last = this.files.lastDrawn(stratum);
      if (last !== undefined) this.reservoirs[stratum].resume(last.hour, last.of);
    }
  }

  /** Finish the clips under way. */
  async stop(): Promise<void> {
    await this.work;
  }

  /** What watches one camera. */
  recorder(camera: { readonly id: string; readonly lines: readonly LineConfig[] }): ClipRecorder {
    const { logger } = this.options;
    return new ClipRecorder({ camera, offer: (draft) => this.offer(draft), logger });
  }

  /** Clips of a camera that nobody has answered yet, the newest first. */
  clips(camera: string): AuditClip[] {
    return this.files.clips
      .filter((clip) => clip.camera === camera && !clip.answered)
      .map(({ id, line, name, directions, path, from, to, frames, width, height }) => ({
        ...{ id, camera, line, name, directions, path, from, to, frames, width, height },
      }))
      .reverse();
  }

  /** Results of a camera's lines with the configuration and the model that count now. */
  summary(camera: string): AuditSummary[] {
    const { configVersion, modelHash } = this.options.versions();
    const current = this.files.results.filter(
      (result) =>
        result.camera === camera && result.configVersion === configVersion && result.modelHash === modelHash,
    );
    return summarise(current);
  }

  picture(id: string): Promise<Buffer | undefined> {
    return this.files.picture(id);
  }

  /**
   * Take what a person counted in a clip.
   * @returns undefined when the clip has gone or has been answered
   */
  async answer(id: string, person: Counted): Promise<AuditAnswer | undefined> {
    const clip = this.files.clips.find((one) => one.id === id && !one.answered);
    if (clip === undefined) return undefined;
    const { key, write } = this.options;
    const result = this.resultOf(clip, person);
    const signature = key.sign(JSON.stringify(result));
    const kept = this.files.answer(clip, result);
    write([{ kind: 'audit', result, signature, publicKey: key.publicKey }]);
    await kept;
    return { person, machine: clip.counted, score: scoreOf(person, clip.counted) };
  }

  /** The fields stand in the order of the contract, because their JSON text is signed. */
  private resultOf(clip: StoredClip, person: Counted): AuditResult {
    const { camera, line, from, to, sha256, stratum, hour, counted, configVersion, modelHash } = clip;
    const { kept, of } = this.files.drawn(stratum, hour) ?? { kept: 1, of: 1 };
    const answeredAt = this.options.now();
    return {
      gateway: this.options.gateway,
      ...{ camera, line, from, to, sha256, stratum, kept, of },
      ...{ person, machine: counted, answeredAt, configVersion, modelHash },
    };
  }

  private offer(draft: ClipDraft): void {
    const { counted, to } = draft.window;
    const stratum = counted.in + counted.out > 0 ? 'crossing' : 'near';
    const reservoir = this.reservoirs[stratum];
    const place = reservoir.draw(to);
    this.files.noteDrawn({ stratum, ...reservoir.drawn });
    if (place === undefined) return;
    if (this.waiting >= MAX_WAITING) {
      this.dropped += 1;
      return;
    }
    this.waiting += 1;
    const { hour } = reservoir.drawn;
    this.work = this.work
      .then(() => this.keep(draft, { stratum, hour, place }))
      .catch((error: unknown) => {
        this.dropped += 1;
        this.options.logger.error({ err: error, dropped: this.dropped }, 'audit clip not kept');
      })
      .finally(() => (this.waiting -= 1));
  }

  private async keep(draft: ClipDraft, drawn: Pick<StoredClip, 'stratum' | 'hour' | 'place'>): Promise<void> {
    const { camera, line, window, frames } = draft;
    const versions = this.options.versions();
    const { jpeg, width, height } = await encodeStrip(frames);
    const clip: StoredClip = {
      id: randomUUID(),
      camera,
      line: line.id,
      name: line.name,
      directions: line.directions,
      path: [line.from, ...line.via, line.to],
      // A stream that has just begun has no pictures of the time before somebody came.
      from: Math.max(window.from, frames[0]?.at ?? window.from),
      to: window.to,
      frames: frames.length,
      ...{ width, height },
      bytes: jpeg.length,
      sha256: createHash('sha256').update(jpeg).digest('hex'),
      counted: window.counted,
      ...drawn,
      ...versions,
      answered: false,
    };
    await this.files.add(clip, jpeg);
  }
}
