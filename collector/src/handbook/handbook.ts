import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DEFAULT_RULES } from '../alerts/rules.js';
import type { StepsOf } from '../incidents/incidents.js';
import type { HandbookPart } from '../schema/handbook-words.js';
import type { HandbookLanguage, HandbookList, HandbookPage } from '../schema/handbook.js';
import { parsePage, plainWords, stepsOfSection } from './parse.js';
import { RUNBOOKS_OF_PART } from './parts.js';

/** Sections whose items are the steps of an incident's checklist. */
export const STEP_SECTIONS: Readonly<Record<HandbookLanguage, readonly string[]>> = {
  en: ['Diagnosis', 'Mitigation'],
  vi: ['Chẩn đoán', 'Khắc phục'],
};

/** Characters of an excerpt before and behind what was found. */
const EXCERPT = 60;

/** A page in one language. */
interface PageText {
  readonly title: string;
  readonly markdown: string;
  /** The steps' Markdown; none of a guide. */
  readonly steps: readonly string[];
  readonly words: string;
}

interface Page {
  readonly kind: 'runbook' | 'guide';
  readonly slug: string;
  readonly part: HandbookPart;
  readonly texts: Readonly<Record<HandbookLanguage, PageText>>;
}

/** Runbooks and guides, read once. */
export class Handbook {
  private readonly pages: ReadonlyMap<string, Page>;

  private constructor(pages: readonly Page[]) {
    this.pages = new Map(pages.map((page) => [page.slug, page]));
  }

  /**
   * @param folder with `en` and `vi`, and `runbooks` and `guides` below each
   * @throws Error from the file system when it cannot be read
   */
  static read(folder: string): Handbook {
    const pages = filesIn(folder).map((file): Page => {
      const slug = basename(file, '.md');
      const kind = file.startsWith('guides') ? 'guide' : 'runbook';
      const texts = { en: textOf(folder, 'en', file), vi: textOf(folder, 'vi', file) };
      return { kind, slug, part: kind === 'guide' ? 'guides' : partOf(slug), texts };
    });
    return new Handbook(pages);
  }

  /** Steps of a runbook: its diagnosis, then its mitigation. */
  readonly stepsOf: StepsOf = (slug) => {
    const texts = this.pages.get(slug)?.texts;
    if (texts === undefined) return [];
    return texts.en.steps.map((en, index) => ({ en, vi: texts.vi.steps[index] ?? en }));
  };

  /** Pages that hold all words of a search, those with them in the title first; all pages for an empty search. */
  list(language: HandbookLanguage, search: string): HandbookList {
    const wanted = folded(search.normalize('NFC'))
      .split(/\s+/)
      .filter((word) => word !== '');
    const found = [...this.pages.values()].flatMap(({ kind, slug, part, texts }) => {
      const { title, words } = texts[language];
      const inTitle = has(title, wanted);
      if (!inTitle && !has(`${title} ${words}`, wanted)) return [];
      return [{ inTitle, page: { kind, slug, part, title, excerpt: excerptOf(words, wanted[0]) } }];
    });
    return {
      pages: [...found.filter((one) => one.inTitle), ...found.filter((one) => !one.inTitle)].map(
        ({ page }) => page,
      ),
    };
  }

  /** One page; undefined where there is none. */
  page(slug: string, language: HandbookLanguage): HandbookPage | undefined {
    const page = this.pages.get(slug);
    if (page === undefined) return undefined;
    const { title, markdown } = page.texts[language];
    const rules = DEFAULT_RULES.filter(({ runbook }) => runbook === slug).map((rule) => ({
      slug: rule.slug,
      title: rule.title[language],
    }));
    return { slug, kind: page.kind, part: page.part, title, markdown, rules };
  }
}

/** Such as `runbooks/camera-offline.md`: in the order of the alert rules, then the others by name. */
function filesIn(folder: string): string[] {
  const order = Object.values(RUNBOOKS_OF_PART).flat();
  const place = (file: string) => {
    const at = order.indexOf(basename(file, '.md'));
    return at < 0 ? order.length : at;
  };
  return readdirSync(join(folder, 'en'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .sort((one, other) => place(one) - place(other) || (one < other ? -1 : 1));
}

function partOf(slug: string): HandbookPart {
  const parts = Object.keys(RUNBOOKS_OF_PART) as (keyof typeof RUNBOOKS_OF_PART)[];
  return parts.find((part) => RUNBOOKS_OF_PART[part].includes(slug)) ?? 'collector';
}

/** A page that is not translated yet is better read in English than not at all. */
function textOf(folder: string, language: HandbookLanguage, file: string): PageText {
  const used = existsSync(join(folder, language, file)) ? language : 'en';
  const markdown = readFileSync(join(folder, used, file), 'utf8');
  const { title, sections } = parsePage(markdown);
  const steps = sections
    .filter(({ heading }) => STEP_SECTIONS[used].includes(heading))
    .flatMap((section) => stepsOfSection(section).map(({ text }) => text));
  return { title, markdown, steps, words: plainWords(markdown) };
}

/** Small letters without accents, one for one: "Chẩn đoán" is found as "chan doan". */
function folded(text: string): string {
  const plain = (letter: string) => letter.normalize('NFD').charAt(0).toLowerCase().replace('đ', 'd');
  return Array.from(text, plain).join('');
}

function has(text: string, words: readonly string[]): boolean {
  const where = folded(text);
  return words.every((word) => where.includes(word));
}

function excerptOf(text: string, word: string | undefined): string | null {
  const at = word === undefined ? -1 : folded(text).indexOf(word);
  if (word === undefined || at < 0) return null;
  const from = Math.max(0, at - EXCERPT);
  const to = at + word.length + EXCERPT;
  return `${from > 0 ? '…' : ''}${text.slice(from, to).trim()}${to < text.length ? '…' : ''}`;
}
