import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AUDIT_STRATA, auditResultSchema, type AuditResult, writeAtomically } from '@headcount/shared';
import type { Logger } from 'pino';
import { z } from 'zod';

/** Clips kept; older ones make room. */
const MAX_CLIPS = 60;
/** Bytes of all clips together; the disk of a gateway also holds counts. */
const MAX_BYTES = 64 * 2 ** 20;
/** Results kept for the sums on the page; the collector has all of them. */
const MAX_RESULTS = 500;

const count = z.int().min(0);
const clipSchema = z.object({
  id: z.string(),
  camera: z.string(),
  line: z.string(),
  name: z.string(),
  directions: z.object({ in: z.string(), out: z.string() }),
  /** The line as it was then, in fractions of the picture. */
  path: z.array(z.tuple([z.number(), z.number()])),
  from: z.int(),
  to: z.int(),
  frames: count,
  width: count,
  height: count,
  bytes: count,
  sha256: z.string(),
  counted: z.object({ in: count, out: count }),
  stratum: z.enum(AUDIT_STRATA),
  /** Hour and place in the drawing: a clip that is drawn later may take the place. */
  hour: z.int(),
  place: count,
  configVersion: z.string(),
  modelHash: z.string(),
  answered: z.boolean(),
});
const drawnSchema = z.object({ stratum: z.enum(AUDIT_STRATA), hour: z.int(), kept: count, of: count });
const indexSchema = z.object({
  version: z.literal(1),
  clips: z.array(clipSchema),
  drawn: z.array(drawnSchema),
  results: z.array(auditResultSchema),
});

/** A clip on disk with what is known about it. Times are UTC ms. */
export type StoredClip = z.infer<typeof clipSchema>;
/** How many clips of a stratum and hour there were, and how many of them were drawn. */
export type Drawn = z.infer<typeof drawnSchema>;

/**
 * The folder with audit clips: a JPEG each, and an index that says what they are. A clip that the index does not name
 * does not exist, so a power cut leaves nothing behind but a file that the next start removes.
 */
export class AuditFiles {
  private readonly folder: string;
  private readonly logger: Logger;
  private kept: StoredClip[] = [];
  private drawings: Drawn[] = [];
  private answers: AuditResult[] = [];
  private writing = Promise.resolve();

  constructor(options: { dataDir: string; logger: Logger }) {
    this.folder = join(options.dataDir, 'audit');
    this.logger = options.logger;
  }

  /** Read the index and remove what it does not name. */
  open(): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.readIndex();
    const named = new Set(['index.json', ...this.kept.map(({ id }) => `${id}.jpg`)]);
    for (const name of readdirSync(this.folder)) if (!named.has(name)) rmSync(join(this.folder, name));
  }

  get clips(): readonly StoredClip[] {
    return this.kept;
  }

  get results(): readonly AuditResult[] {
    return this.answers;
  }

  drawn(stratum: Drawn['stratum'], hour: number): Drawn | undefined {
    return this.drawings.find((one) => one.stratum === stratum && one.hour === hour);
  }

  /** @returns the newest drawing of a stratum, to go on with after a restart */
  lastDrawn(stratum: Drawn['stratum']): Drawn | undefined {
    return this.drawings.findLast((one) => one.stratum === stratum);
  }

  /** Remember how many there were to draw from; it is written with the next clip or answer. */
  noteDrawn(drawn: Drawn): void {
    const others = this.drawings.filter(
      ({ stratum, hour }) => stratum !== drawn.stratum || hour !== drawn.hour,
    );
    const used = others.filter(
      ({ stratum, hour }) =>
        hour === drawn.hour || this.kept.some((clip) => clip.stratum === stratum && clip.hour === hour),
    );
    this.drawings = [...used, drawn];
  }

  /** Keep a clip; it takes the place of the one that was drawn before it, and the oldest ones make room. */
  async add(clip: StoredClip, jpeg: Buffer): Promise<void> {
    await writeAtomically(this.fileOf(clip.id), jpeg);
    const stays = this.kept.filter((one) => one.answered || !samePlace(one, clip));
    const all = [...stays, clip];
    const newest = all.slice(-MAX_CLIPS);
    while (newest.reduce((sum, { bytes }) => sum + bytes, 0) > MAX_BYTES) newest.shift();
    const gone = this.kept.filter((one) => !newest.includes(one));
    this.kept = newest;
    await this.writeIndex();
    for (const { id } of gone) await rm(this.fileOf(id), { force: true });
  }

  async answer(clip: StoredClip, result: AuditResult): Promise<void> {
    this.kept = this.kept.map((one) => (one.id === clip.id ? { ...one, answered: true } : one));
    this.answers = [...this.answers, result].slice(-MAX_RESULTS);
    await this.writeIndex();
  }

  /** The clip's JPEG; undefined when it has gone. */
  async picture(id: string): Promise<Buffer | undefined> {
    // Only what the index names: an id from outside never becomes a path.
    if (!this.kept.some((clip) => clip.id === id)) return undefined;
    return readFile(this.fileOf(id));
  }

  private fileOf(id: string): string {
    return join(this.folder, `${id}.jpg`);
  }

  private readIndex(): void {
    const file = join(this.folder, 'index.json');
    if (!existsSync(file)) return;
    try {
      const { clips, drawn, results } = indexSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
      this.kept = clips.filter(({ id }) => existsSync(this.fileOf(id)));
      this.drawings = drawn;
      this.answers = results;
    } catch (error) {
      this.logger.warn({ err: error, file }, 'the list of audit clips is damaged; it begins anew');
    }
  }

  /** One after the other: two writes at a time would use the same new file. */
  private writeIndex(): Promise<void> {
    const done = this.writing.then(() => {
      const index = { version: 1, clips: this.kept, drawn: this.drawings, results: this.answers };
      return writeAtomically(join(this.folder, 'index.json'), JSON.stringify(index));
    });
    this.writing = done.catch(() => undefined);
    return done;
  }
}

function samePlace(one: StoredClip, other: StoredClip): boolean {
  return one.stratum === other.stratum && one.hour === other.hour && one.place === other.place;
}
