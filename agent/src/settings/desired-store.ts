import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configProblemSchema, MAX_PROBLEMS, reportedMessageSchema, writeAtomically } from '@headcount/shared';
import { z } from 'zod';

const layerSchema = z.object({
  // Checked again over the file when it is laid: the file, or this program, may have changed since.
  settings: z.looseObject({}),
  under: z.record(z.string(), z.string()),
});

const qualitySchema = z.object({ fps: z.number(), observed: z.number() });

const trialSchema = z.object({
  touched: z.array(z.string()),
  before: z.record(z.string(), qualitySchema),
  elapsedMs: z.number(),
  /** Starts of the agent within the trial that were followed by no clean stop. */
  starts: z.int(),
});

/** What the gateway remembers of desired configurations. */
const stateSchema = z.object({
  /** The one in force, and the one to go back to while it is on trial. */
  current: layerSchema.nullable(),
  previous: layerSchema.nullable(),
  trial: trialSchema.nullable(),
  /** What became of the last one that came; `key` tells it from another of the same number. */
  last: z
    .object({
      version: z.int(),
      key: z.string(),
      outcome: reportedMessageSchema.shape.outcome,
      detail: z.string(),
      problems: z.array(configProblemSchema).max(MAX_PROBLEMS),
    })
    .nullable(),
});

/** See {@link stateSchema}. */
export type DesiredState = z.infer<typeof stateSchema>;

const NOTHING: DesiredState = { current: null, previous: null, trial: null, last: null };

/** Keeps desired configurations over restarts: one file in the data directory, written as a whole. */
export class DesiredStore {
  private readonly file: string;
  private kept: DesiredState;
  private writing = Promise.resolve();

  /** @throws Error naming the file when it is damaged */
  constructor(dataDir: string) {
    this.file = join(dataDir, 'desired.json');
    try {
      this.kept = existsSync(this.file)
        ? stateSchema.parse(JSON.parse(readFileSync(this.file, 'utf8')))
        : NOTHING;
    } catch (cause) {
      throw new Error(`${this.file} is damaged; remove it and the collector sends its configuration again`, {
        cause,
      });
    }
  }

  get state(): DesiredState {
    return this.kept;
  }

  /** Change the state and make it durable; one write after the other. */
  async update(change: Partial<DesiredState>): Promise<void> {
    this.kept = { ...this.kept, ...change };
    const text = JSON.stringify(this.kept, null, 2);
    this.writing = this.writing.catch(() => undefined).then(() => writeAtomically(this.file, text));
    await this.writing;
  }
}
