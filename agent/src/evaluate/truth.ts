import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readBoxes, type TruthBoxes } from './boxes.js';
import { truthSchema, type Truth } from './truth-schema.js';

/** The truth file cannot be used; the message says everything that is wrong with it. */
export class TruthError extends Error {
  override readonly name = 'TruthError';
  readonly code = 'TRUTH_INVALID';

  /** @param problems one entry per problem: where it is and what to do */
  constructor(file: string, problems: readonly string[], options?: ErrorOptions) {
    super(
      problems.length === 1
        ? `${file}: ${problems.join('')}`
        : [`${file}: ${problems.length} problems`, ...problems].join('\n  '),
      options,
    );
  }
}

/** A truth file with the boxes that it names. */
export interface TruthFile extends Truth {
  readonly file: string;
  readonly boxesByFrame: TruthBoxes | undefined;
}

/**
 * Read a truth file and its boxes.
 * @param boxes CSV file instead of the one that the truth file names
 * @throws TruthError
 */
export function readTruth(file: string, boxes?: string): TruthFile {
  const parsed = truthSchema.safeParse(readJson(file), { error: inPlainWords });
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${placeOf(path)}: ${message}`);
    throw new TruthError(file, problems, { cause: parsed.error });
  }
  const truth = parsed.data;
  const named = boxes ?? (truth.boxes === undefined ? undefined : resolve(dirname(file), truth.boxes));
  if (Object.keys(truth.lines).length + Object.keys(truth.zones).length === 0 && named === undefined)
    throw new TruthError(file, ['names neither lines nor zones nor boxes: there is nothing to compare with']);
  return { ...truth, file, boxesByFrame: named === undefined ? undefined : boxesOf(named) };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (cause) {
    throw new TruthError(`${file} cannot be read as JSON`, [messageOf(cause)], { cause });
  }
}

function boxesOf(file: string): TruthBoxes {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TruthError(`${file} cannot be read`, [messageOf(cause)], { cause });
  }
  const { boxes, problems } = readBoxes(text);
  if (problems.length > 0) throw new TruthError(file, problems);
  return boxes;
}

/** A path in a file for people: `lines.A.events[3][2]`. */
export function placeOf(path: readonly PropertyKey[]): string {
  const place = path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  );
  return place === '' ? '(whole file)' : place;
}

/** The problem as the end of a sentence that begins with its place; undefined leaves it to zod's words. */
function inPlainWords(issue: {
  code?: string;
  input?: unknown;
  expected?: unknown;
  values?: readonly unknown[];
  minimum?: unknown;
  maximum?: unknown;
  origin?: unknown;
}): string | undefined {
  const items = issue.origin === 'array' ? 'have' : 'be';
  const unit = issue.origin === 'array' ? ' entries' : '';
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${typeName(String(issue.expected))}`;
    case 'invalid_value':
      return `must be one of ${(issue.values ?? []).map(String).join(', ')}`;
    case 'too_small':
      return `must ${items} at least ${String(issue.minimum)}${unit}`;
    case 'too_big':
      return `must ${items} at most ${String(issue.maximum)}${unit}`;
    case undefined:
    default:
      return undefined;
  }
}

function typeName(expected: string): string {
  const names: Record<string, string> = {
    tuple: 'a list',
    array: 'a list',
    int: 'a whole number',
    string: 'a text',
    object: 'an object',
    record: 'an object',
  };
  return names[expected] ?? `a ${expected}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
