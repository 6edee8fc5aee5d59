import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '@headcount/shared';
import { z } from 'zod';
import { lineSchema, uniqueIds, zoneSchema } from './camera-config.js';
import type { AgentConfig } from './config.js';

/** What is drawn on one camera's picture. */
export const geometrySchema = z
  .strictObject({
    lines: z.array(lineSchema).max(16).superRefine(uniqueIds),
    zones: z.array(zoneSchema).max(16).superRefine(uniqueIds),
  })
  .refine(({ lines, zones }) => lines.length + zones.length > 0, {
    error: 'must hold at least one line or zone',
    path: ['lines'],
  });

/** Lines and zones of one camera, in fractions of the picture. */
export type Geometry = z.infer<typeof geometrySchema>;

const drawnSchema = z.record(
  z.string(),
  z.strictObject({
    geometry: geometrySchema,
    /** Hash of what the configuration file said when this was drawn: who edits the file later has the last word. */
    over: z.string(),
  }),
);
type Drawn = z.infer<typeof drawnSchema>;

/** What technicians drew on the status page: a file in the data directory, laid over the configuration file. */
export class DrawnGeometry {
  private readonly file: string;
  private readonly drawn: Drawn;

  /** @throws Error naming the file when it is damaged */
  constructor(dataDir: string) {
    this.file = join(dataDir, 'geometry.json');
    try {
      this.drawn = existsSync(this.file)
        ? drawnSchema.parse(JSON.parse(readFileSync(this.file, 'utf8')))
        : {};
    } catch (cause) {
      throw new Error(`${this.file} is damaged; remove it and draw lines and zones again`, { cause });
    }
  }

  /** The configuration with what was drawn over it, and a version of its own. */
  over(config: AgentConfig): AgentConfig {
    const cameras = config.cameras.map((camera) => {
      const drawn = this.drawn[camera.id];
      return drawn === undefined || drawn.over !== hashOf(camera) ? camera : { ...camera, ...drawn.geometry };
    });
    const changed = cameras.some((camera, index) => camera !== config.cameras[index]);
    if (!changed) return config;
    const drawing = cameras.map(({ lines, zones }) => ({ lines, zones }));
    return { ...config, cameras, version: versionOf([config.version, drawing]) };
  }

  /** Keep a drawing. @param base the configuration file's content, without drawings */
  async save(base: AgentConfig, camera: string, geometry: Geometry): Promise<void> {
    const configured = base.cameras.find(({ id }) => id === camera);
    if (configured === undefined) throw new RangeError(`there is no camera ${camera}`);
    const next = { ...this.drawn, [camera]: { geometry, over: hashOf(configured) } };
    await writeAtomically(this.file, JSON.stringify(next, null, 2));
    this.drawn[camera] = next[camera] as Drawn[string];
  }
}

function hashOf({ lines, zones }: Geometry): string {
  return versionOf({ lines, zones });
}

function versionOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 12);
}
