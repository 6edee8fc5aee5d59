import { createHash } from 'node:crypto';

/** Frames that tell one place in the program from another. */
const FRAMES = 3;

/** What varies in a message from one time to the next, in the order in which it is replaced. */
const VARYING = [
  // Quoted; an apostrophe within a word is none.
  /"[^"\n]*"|`[^`\n]*`|(?<!\w)'[^'\n]*'(?!\w)/g,
  // Tokens, UUIDs and hashes: long words with a digit in them.
  /(?<![\w-])(?=[\w-]*\d)[\w-]{16,}/g,
  // Shorter hexadecimal numbers.
  /\b(?:0x)?(?=[a-f]*\d)[0-9a-f]{6,}\b/gi,
  // Numbers, times, addresses.
  /\d+(?:[.,:]\d+)*/g,
] as const;

/** A message without what varies in it. */
export function templateOf(message: string): string {
  return VARYING.reduce((text, pattern) => text.replace(pattern, '?'), message);
}

/**
 * The top frames of a stack that are ours, as "file function" without line numbers, and the same for source and compiled
 * files, so that a release does not split a group.
 */
export function ownFrames(stack: string): string[] {
  const frames: string[] = [];
  for (const line of stack.split('\n')) {
    const [, name = '', file = ''] = /^\s+at (?:async )?(?:(.+?) \()?(.+?):\d+:\d+\)?$/.exec(line) ?? [];
    const [, place] = /\/((?:collector|shared)\/(?:src|dist)\/.+)\.[jt]s$/.exec(file) ?? [];
    if (place === undefined || (file.includes('/node_modules/') && !file.includes('/@headcount/'))) continue;
    frames.push(`${place.replace(/\/(src|dist)\//, '/')} ${name.replace(/ \[as .+\]$/, '')}`.trim());
    if (frames.length === FRAMES) break;
  }
  return frames;
}

/** The same for errors of the same type and message from the same place; SHA-256, lower-case hex. */
export function fingerprintOf(error: { type: string; message: string; stack: string }): string {
  const parts = [error.type, templateOf(error.message), ...ownFrames(error.stack)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
