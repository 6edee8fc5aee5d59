import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parsePage, type ParsedPage } from '../../../src/handbook/parse.js';

export const HANDBOOK = fileURLToPath(new URL('../../../handbook', import.meta.url));
export const LANGUAGES = ['en', 'vi'] as const;
export type Language = (typeof LANGUAGES)[number];
export type Kind = 'runbooks' | 'guides';

/** A page of the handbook in one language. */
export interface HandbookFile extends ParsedPage {
  /** Such as `en/runbooks/camera-offline.md`. */
  readonly file: string;
  readonly language: Language;
  readonly kind: Kind;
  readonly slug: string;
}

/** What is wrong with a page, and where. */
export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly problem: string;
}

export function handbookFile(file: string, markdown: string): HandbookFile {
  const [language, kind, name] = file.split('/') as [Language, Kind, string];
  return { ...parsePage(markdown), file, language, kind, slug: name.replace(/\.md$/, '') };
}

/** Every page below a folder with `en` and `vi`. */
export function readHandbook(folder: string): HandbookFile[] {
  return LANGUAGES.filter((language) => existsSync(join(folder, language))).flatMap((language) =>
    readdirSync(join(folder, language), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => handbookFile(`${language}/${name}`, readFileSync(join(folder, language, name), 'utf8'))),
  );
}

/** Problems as lines that an editor can follow. */
export function inLines(problems: readonly Problem[]): string[] {
  return problems.map(({ file, line, problem }) => `collector/handbook/${file}:${line}: ${problem}`);
}
