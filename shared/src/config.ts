import { readFileSync } from 'node:fs';
import { isMap, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';

/** Everything that is wrong with a configuration file; `message` has one line per problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG_INVALID';
  /** One entry per problem: where it is and what to do. */
  readonly problems: readonly string[];

  constructor(file: string, problems: readonly string[], options?: ErrorOptions) {
    super(
      [`${file}: ${problems.length} problem${problems.length === 1 ? '' : 's'}`, ...problems].join('\n  '),
      options,
    );
    this.problems = problems;
  }
}

/** A further check of a parsed configuration, such as a file that it names; adds to `problems`. */
export type ConfigCheck<T> = (
  config: T,
  problem: (path: (string | number)[], message: string) => void,
) => void;

/**
 * Read a YAML file against its schema. Every problem is reported at once, with its path and line.
 * @throws ConfigError
 */
export function readConfig<T>(file: string, schema: z.ZodType<T>, check?: ConfigCheck<T>): T {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(
      file,
      [`cannot be read (${errorCode(cause)}); name an existing file with --config`],
      { cause },
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new ConfigError(
      file,
      document.errors.map(
        (error) => `line ${lines.linePos(error.pos[0]).line}: not valid YAML: ${error.message}`,
      ),
    );
  }
  const place = (path: readonly PropertyKey[]) => describePlace(document, lines, path);
  const parsed = schema.safeParse(document.toJS() ?? {});
  if (!parsed.success) {
    throw new ConfigError(
      file,
      parsed.error.issues.map((issue) => `${place(issue.path)}: ${issue.message}`),
      { cause: parsed.error },
    );
  }
  const problems: string[] = [];
  check?.(parsed.data, (path, message) => problems.push(`${place(path)}: ${message}`));
  if (problems.length > 0) throw new ConfigError(file, problems);
  return parsed.data;
}

/**
 * A secret from an environment variable or from a file, exactly one of them; surrounding white space is cut off.
 * @returns the secret, or what is wrong and how to mend it
 */
export function readSecret(
  file: string | undefined,
  variable: string,
  env: NodeJS.ProcessEnv,
): { secret: string } | { problem: string } {
  const fromEnv = env[variable];
  if (file !== undefined && fromEnv !== undefined)
    return { problem: `also given by ${variable}; keep one of the two` };
  if (file === undefined && fromEnv === undefined)
    return { problem: `missing; name a file here or set ${variable}` };
  if (file === undefined) return nonEmpty(fromEnv ?? '', variable);
  try {
    return nonEmpty(readFileSync(file, 'utf8'), file);
  } catch (error) {
    return { problem: `${file} cannot be read (${errorCode(error)})` };
  }
}

function nonEmpty(text: string, source: string): { secret: string } | { problem: string } {
  const secret = text.trim();
  return secret === '' ? { problem: `${source} is empty` } : { secret };
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function describePlace(document: Document, lines: LineCounter, path: readonly PropertyKey[]): string {
  const name = path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  );
  for (let depth = path.length; depth > 0; depth--) {
    const line = lineOf(document, lines, path.slice(0, depth));
    if (line !== undefined) return `${name} (line ${line})`;
  }
  return name === '' ? '(whole file)' : name;
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => String(item.key) === String(key));
    const start = (pair?.key as { range?: [number, number, number] } | undefined)?.range?.[0];
    return start === undefined ? undefined : lines.linePos(start).line;
  }
  if (isSeq(parent) && typeof key === 'number') {
    const start = (parent.items[key] as { range?: [number, number, number] } | undefined)?.range?.[0];
    return start === undefined ? undefined : lines.linePos(start).line;
  }
  return undefined;
}
