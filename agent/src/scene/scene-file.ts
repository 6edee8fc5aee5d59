import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCENE_CONDITIONS, writeAtomically } from '@headcount/shared';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { CameraConfig } from '../config/config.js';
import { PROFILES } from './profile.js';
import type { SceneReference } from './reference.js';
import { BLOCKS, CELLS } from './scene-sample.js';
import type { SceneMemory } from './scene-watch.js';

/** A file of another version is of no use: the place is learnt anew. */
const VERSION = 1;

const bytes = z
  .base64()
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
  .refine(({ length }) => length === CELLS, { error: `must hold ${CELLS} bytes` });
const referenceSchema = z.object({
  grey: bytes,
  edges: bytes,
  detail: z
    .array(z.number())
    .length(BLOCKS)
    .transform((values) => Float32Array.from(values)),
  bright: z.number(),
});
const fileSchema = z.object({
  version: z.literal(VERSION),
  of: z.string(),
  active: z.array(z.enum(SCENE_CONDITIONS)),
  references: z.partialRecord(z.enum(PROFILES), referenceSchema),
});

/** The file with what one camera's place looks like: about 20 kB for each of day and night. */
export class SceneFile {
  private readonly file: string;
  private readonly of: string;
  private readonly logger: Logger;
  private writing = Promise.resolve();

  constructor(options: { dataDir: string; camera: CameraConfig; logger: Logger }) {
    const { dataDir, camera, logger } = options;
    this.file = join(dataDir, `scene-${camera.id}.json`);
    this.of = drawnOn(camera);
    this.logger = logger;
  }

  /**
   * What is remembered; `drawn-anew` where it belongs to another address or to other lines: whoever drew them saw the
   * picture as it was then. Undefined where nothing is remembered.
   */
  read(): SceneMemory | 'drawn-anew' | undefined {
    if (!existsSync(this.file)) return undefined;
    try {
      const { of, active, references } = fileSchema.parse(JSON.parse(readFileSync(this.file, 'utf8')));
      if (of !== this.of) return 'drawn-anew';
      return { active, references };
    } catch (error) {
      this.logger.warn(
        { err: error, file: this.file },
        'the reference picture is damaged and is learnt anew',
      );
      return undefined;
    }
  }

  /** Keep it; one write after the other, a failing disk costs nothing but the memory. */
  write({ active, references }: SceneMemory): Promise<void> {
    const content = JSON.stringify({
      version: VERSION,
      of: this.of,
      active,
      references: Object.fromEntries(
        Object.entries(references).map(([profile, reference]) => [profile, encoded(reference)]),
      ),
    });
    this.writing = this.writing
      .then(() => writeAtomically(this.file, content))
      .catch((error: unknown) =>
        this.logger.error({ err: error, file: this.file }, 'reference picture not kept'),
      );
    return this.writing;
  }
}

function encoded({ grey, edges, detail, bright }: SceneReference) {
  const text = (values: Uint8Array) => Buffer.from(values).toString('base64');
  return { grey: text(grey), edges: text(edges), detail: [...detail], bright };
}

function drawnOn({ url, lines, zones, region }: CameraConfig): string {
  const places = [lines.map(({ from, via, to }) => [from, via, to]), zones.map(({ polygon }) => polygon)];
  return createHash('sha256')
    .update(JSON.stringify([url, places, region]))
    .digest('hex')
    .slice(0, 12);
}
