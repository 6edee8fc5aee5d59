import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const PROGRAMS: ReadonlyMap<string, string> = new Map(
  ['agent', 'collector'].map((name) => [
    `headcount-${name}`,
    fileURLToPath(new URL(`../../../../${name}/dist/main.js`, import.meta.url)),
  ]),
);

/** What `--help` of a command names. */
interface Help {
  readonly subCommands: ReadonlySet<string>;
  /** Flags, and whether each takes a value. */
  readonly flags: ReadonlyMap<string, boolean>;
  /** Words that stand alone. */
  readonly words: number;
}

/** The real command lines of agent and collector, asked by `--help` and remembered. */
export class CommandLines {
  private readonly asked = new Map<string, Promise<Help>>();

  isOurs(program: string): boolean {
    return PROGRAMS.has(program);
  }

  /** What is wrong with a command; undefined when it can be called so. @param words program, sub-commands, flags, arguments */
  async problem([program = '', ...words]: readonly string[]): Promise<string | undefined> {
    const path: string[] = [];
    let help = await this.help(program, path);
    let alone = 0;
    for (let at = 0; at < words.length; at++) {
      const word = words[at] ?? '';
      const called = [program, ...path].join(' ');
      if (word.startsWith('-')) {
        const [flag = '', value] = word.split('=', 2);
        const takes = help.flags.get(flag);
        if (takes === undefined) return `"${called}" has no flag ${flag}`;
        if (takes && value === undefined) at++;
      } else if (help.subCommands.has(word) && alone === 0) {
        path.push(word);
        help = await this.help(program, path);
      } else if (++alone > help.words)
        return help.words === 0
          ? `"${called}" has no sub-command "${word}"`
          : `"${called}" takes no ${alone} arguments`;
    }
    return undefined;
  }

  private help(program: string, path: readonly string[]): Promise<Help> {
    const key = [program, ...path].join(' ');
    const known = this.asked.get(key) ?? askHelp(program, path);
    this.asked.set(key, known);
    return known;
  }
}

async function askHelp(program: string, path: readonly string[]): Promise<Help> {
  const main = PROGRAMS.get(program) ?? program;
  const { stdout } = await execute(process.execPath, [main, ...path, '--help']);
  const usage = /^Usage: (.*)$/m.exec(stdout)?.[1] ?? '';
  const flags = new Map<string, boolean>();
  for (const [, terms = ''] of stdout.matchAll(/^ {2}(-.*?)(?: {2}|$)/gm)) {
    const takes = /[<[]/.test(terms);
    for (const [flag] of terms.matchAll(/(?<![\w-])--?[a-z][a-z-]*/g)) flags.set(flag, takes);
  }
  const [, commands = ''] = /^Commands:\n((?: {2}.*\n?)+)/m.exec(stdout) ?? [];
  return {
    flags,
    subCommands: new Set([...commands.matchAll(/^ {2}(\w[\w-]*)/gm)].map(([, name = '']) => name)),
    words: [...usage.matchAll(/<[\w-]+>|\[(?!options\]|command\])[\w-]+\]/g)].length,
  };
}

/** A line of a shell as the simple commands in it, each as its words; quotes hold words together. */
export function commandsIn(line: string): string[][] {
  const commands: string[][] = [[]];
  const parts = /"([^"]*)"|'([^']*)'|(\|\||&&|[|;])|([^\s"'|;&]+|&)/g;
  let end = -1;
  for (const part of line.matchAll(parts)) {
    const [whole, double, single, separator] = part;
    const command = commands.at(-1) ?? [];
    if (separator !== undefined) commands.push([]);
    // Glued to what stands before it, as in NAME="a b".
    else if (part.index === end && command.length > 0)
      command.push(`${command.pop() ?? ''}${double ?? single ?? whole}`);
    else command.push(double ?? single ?? whole);
    end = part.index + whole.length;
  }
  return commands
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word) && word !== 'sudo')))
    .filter((words) => words.length > 0);
}
