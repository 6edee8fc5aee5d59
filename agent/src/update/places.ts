import { constants, closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signedManifestSchema } from '@headcount/shared';
import { z } from 'zod';
import { PHASES } from './progress.js';

/** Small notes between the agent and the installer; nothing that is larger is one (bytes). */
const MAX_NOTE_BYTES = 64 * 1024;

/** What the agent asks the installer for. */
export const requestSchema = z.strictObject({
  target: signedManifestSchema,
  fallback: signedManifestSchema,
  allowDowngrade: z.boolean(),
});

/** What the agent says when the new version has proved itself. */
export const proofSchema = z.strictObject({ version: z.string().max(32) });

/** How far the installer is, and in the end what became of the update. */
export const outcomeSchema = z.strictObject({
  id: z.uuid(),
  phase: z.enum(PHASES),
  from: z.string().max(32),
  to: z.string().max(32),
  /** Why it was rolled back or failed; empty otherwise. */
  detail: z.string().max(1000),
  /** UTC ms of the last step. */
  at: z.int(),
});

/** See {@link requestSchema}. */
export type UpdateRequest = z.infer<typeof requestSchema>;
/** See {@link outcomeSchema}. */
export type Outcome = z.infer<typeof outcomeSchema>;

/** Files in the agent's folder, which it writes and the installer only reads. */
export function agentPlaces(folder: string) {
  return {
    folder,
    request: join(folder, 'request.json'),
    proof: join(folder, 'proof.json'),
    newest: join(folder, 'newest.json'),
    told: join(folder, 'told.json'),
  };
}

/** Files in the installer's folder, which root writes and the agent only reads. */
export function installerPlaces(folder: string) {
  return { folder, outcome: join(folder, 'outcome.json'), request: join(folder, 'request.json') };
}

/**
 * Read a note that somebody else wrote: no link is followed, nothing but a small regular file is read.
 * @returns undefined when there is none, or it is no note of this kind
 */
export function readNote<T>(file: string, schema: z.ZodType<T>): T | undefined {
  try {
    const handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const facts = fstatSync(handle);
      if (!facts.isFile() || facts.size > MAX_NOTE_BYTES) return undefined;
      return schema.parse(JSON.parse(readFileSync(handle, 'utf8')));
    } finally {
      closeSync(handle);
    }
  } catch {
    // Missing, a link, half of one or another version's: in every case there is nothing to act on.
    return undefined;
  }
}
