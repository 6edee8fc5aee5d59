import { lexer, walkTokens, type Token, type Tokens } from 'marked';

/** A block of Markdown, such as a paragraph or a list, and the line of its file on which it begins (from 1). */
export interface Block {
  readonly token: Token;
  readonly line: number;
}

/** What stands below a heading `##`. */
export interface Section {
  readonly heading: string;
  readonly line: number;
  readonly blocks: readonly Block[];
}

/** One item of a numbered list: its Markdown without the number. */
export interface Step {
  readonly text: string;
  readonly line: number;
}

/** A page of the handbook. */
export interface ParsedPage {
  /** Text of the first heading `#`; empty where there is none. */
  readonly title: string;
  /** Blocks between title and first section. */
  readonly intro: readonly Block[];
  readonly sections: readonly Section[];
}

/** Code in backticks or a line of a fenced block. */
export interface Code {
  readonly text: string;
  readonly line: number;
  /** What stands behind the fence, such as `yaml`; undefined for code within a sentence. */
  readonly fence: string | undefined;
}

/** A link and where it points to. */
export interface PageLink {
  readonly href: string;
  readonly line: number;
}

/** Take a page of Markdown apart; whatever is wrong with its form stays in it. */
export function parsePage(markdown: string): ParsedPage {
  const sections: { heading: string; line: number; blocks: Block[] }[] = [];
  const intro: Block[] = [];
  let title = '';
  for (const block of blocksOf(markdown)) {
    const { token, line } = block;
    if (token.type === 'space') continue;
    if (isHeading(token) && token.depth === 1 && title === '') title = token.text;
    else if (isHeading(token) && token.depth === 2) sections.push({ heading: token.text, line, blocks: [] });
    else (sections.at(-1)?.blocks ?? intro).push(block);
  }
  return { title, intro, sections };
}

function isHeading(token: Token): token is Tokens.Heading {
  return token.type === 'heading';
}

function isList(token: Token): token is Tokens.List {
  return token.type === 'list';
}

function blocksOf(markdown: string): Block[] {
  let line = 1;
  return lexer(markdown).map((token) => {
    const block = { token, line };
    line += linesIn(token.raw);
    return block;
  });
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

/** The steps of a section: the items of its numbered lists. */
export function stepsOfSection({ blocks }: Section): Step[] {
  return blocks.flatMap(({ token, line }) => {
    if (!isList(token) || !token.ordered) return [];
    let at = line;
    return token.items.map(({ raw, text }) => {
      const step = { text: text.trim(), line: at };
      at += linesIn(raw);
      return step;
    });
  });
}

/** All code and all links of a block, in their order. */
export function namedIn({ token, line }: Block): { codes: Code[]; links: PageLink[]; html: PageLink[] } {
  const codes: Code[] = [];
  const links: PageLink[] = [];
  const html: PageLink[] = [];
  let from = 0;
  // Inner tokens do not know their place: they are looked for from where the one before them stood.
  const lineOf = (needle: string): number => {
    const found = token.raw.indexOf(needle, from);
    if (found >= 0) from = found;
    return line + linesIn(token.raw.slice(0, from));
  };
  const rows = (text: string, fence: string): void => {
    for (const row of text.split('\n'))
      if (row.trim() !== '') codes.push({ text: row.trim(), line: lineOf(row.trim()), fence });
  };
  const take = (inner: Token): void => {
    if (inner.type === 'codespan')
      codes.push({ text: inner.text as string, line: lineOf(inner.raw), fence: undefined });
    else if (inner.type === 'code') rows(inner.text as string, (inner.lang as string | undefined) ?? '');
    else if (inner.type === 'link') links.push({ href: inner.href as string, line: lineOf(inner.raw) });
    else if (inner.type === 'html') html.push({ href: inner.raw.trim(), line: lineOf(inner.raw.trim()) });
  };
  // walkTokens promises a list of what the callback gives.
  void walkTokens([token], take);
  return { codes, links, html };
}

/** The words of a page without its marks, to be searched. */
export function plainWords(markdown: string): string {
  const words: string[] = [];
  void walkTokens(lexer(markdown), (token) => {
    if (!('tokens' in token) && 'text' in token && typeof token.text === 'string' && token.type !== 'list')
      words.push(token.text);
  });
  return words
    .join(' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,;:)])/g, '$1');
}
