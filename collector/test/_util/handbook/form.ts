import type { Tokens } from 'marked';
import { STEP_SECTIONS } from '../../../src/handbook/handbook.js';
import { namedIn, stepsOfSection, type Block, type Section } from '../../../src/handbook/parse.js';
import { LANGUAGES, type HandbookFile, type Language, type Problem } from './pages.js';

/** Sections of a runbook, in this order. */
const SECTIONS: Readonly<Record<Language, readonly string[]>> = {
  en: ['Meaning', 'Impact', 'Diagnosis', 'Mitigation', 'Escalation', 'Prevention'],
  vi: ['Ý nghĩa', 'Ảnh hưởng', 'Chẩn đoán', 'Khắc phục', 'Chuyển cấp', 'Phòng ngừa'],
};

/** Which runbooks are missing, in which language. */
export function missingRunbooks(pages: readonly HandbookFile[], runbooks: readonly string[]): Problem[] {
  const there = new Set(pages.map(({ file }) => file));
  return LANGUAGES.flatMap((language) =>
    [...new Set(runbooks)]
      .map((slug) => `${language}/runbooks/${slug}.md`)
      .filter((file) => !there.has(file))
      .map((file) => ({
        file,
        line: 1,
        problem: 'this runbook is named by an alert rule and does not exist',
      })),
  );
}

/** Title, sections and steps of each page, and both languages side by side. */
export function formProblems(pages: readonly HandbookFile[]): Problem[] {
  const byFile = new Map(pages.map((page) => [page.file, page]));
  return pages.flatMap((page) => {
    const other = page.language === 'en' ? 'vi' : 'en';
    const twin = byFile.get(page.file.replace(page.language, other));
    if (twin === undefined)
      return [...ownForm(page), { file: page.file, line: 1, problem: `${other} has no such page` }];
    // Told once, of the translation.
    return [...ownForm(page), ...(page.language === 'vi' ? differences(page, twin) : [])];
  });
}

function ownForm(page: HandbookFile): Problem[] {
  const { file, title, sections, intro, kind, language } = page;
  const problems: Problem[] = [];
  const say = (line: number, problem: string) => problems.push({ file, line, problem });
  if (title === '') say(1, 'has no title: begin with "# Title"');
  for (const block of [...intro, ...sections.flatMap(({ blocks }) => blocks)])
    for (const { href, line } of namedIn(block).html) say(line, `HTML is not shown: ${href}`);
  if (kind !== 'runbooks') return problems;
  const wanted = SECTIONS[language];
  const found = sections.map(({ heading }) => heading);
  if (found.join() !== wanted.join())
    say(
      sections.find(({ heading }, index) => heading !== wanted[index])?.line ?? 1,
      `sections are ${found.join(', ')}; they must be ${wanted.join(', ')}`,
    );
  if (intro.length > 0) say(intro[0]?.line ?? 1, 'text before the first section');
  for (const section of sections) {
    if (section.blocks.length === 0) say(section.line, `"${section.heading}" is empty`);
    if (STEP_SECTIONS[language].includes(section.heading) && !isOneNumberedList(section))
      say(section.line, `"${section.heading}" must be one numbered list and nothing else`);
  }
  return problems;
}

function isOneNumberedList({ blocks }: Section): boolean {
  const [block, ...more] = blocks;
  return block?.token.type === 'list' && block.token.ordered === true && more.length === 0;
}

/** Where the Vietnamese page says something else than the English one. */
function differences(page: HandbookFile, twin: HandbookFile): Problem[] {
  const { file } = page;
  if (page.sections.length !== twin.sections.length)
    return [
      { file, line: 1, problem: `has ${page.sections.length} sections, in English ${twin.sections.length}` },
    ];
  const problems: Problem[] = [];
  page.sections.forEach((section, index) => {
    const english = twin.sections[index];
    if (english === undefined) return;
    const [steps, theirs] = [stepsOfSection(section), stepsOfSection(english)];
    if (steps.length !== theirs.length)
      problems.push({
        ...{ file, line: section.line },
        problem: `"${section.heading}" has ${steps.length} steps, in English ${theirs.length}`,
      });
    problems.push(...codeDifferences(file, section, english));
  });
  return problems;
}

/** Block by block and step by step where both have as many; otherwise over the whole section. */
function codeDifferences(file: string, section: Section, english: Section): Problem[] {
  const [blocks, theirs] = [itemsOf(section), itemsOf(english)];
  const alike = blocks.length === theirs.length;
  const pairs: (readonly [readonly Block[], readonly Block[], number])[] = alike
    ? blocks.map((block, index) => [[block], theirs.slice(index, index + 1), block.line])
    : [[blocks, theirs, section.line]];
  return pairs.flatMap(([mine, twins, line]) => {
    const [own, other] = [namesOf(mine), namesOf(twins)];
    const missing = [...other].filter((name) => !own.has(name));
    const extra = [...own].filter((name) => !other.has(name));
    return [
      ...missing.map((name) => ({ file, line, problem: `${name} stands in the English text and not here` })),
      ...extra.map((name) => ({ file, line, problem: `${name} stands here and not in the English text` })),
    ];
  });
}

/** The blocks of a section, with each item of a list for itself. */
function itemsOf({ blocks }: Section): Block[] {
  return blocks.flatMap((block) => {
    if (block.token.type !== 'list') return [block];
    let { line } = block;
    return (block.token as Tokens.List).items.map((token) => {
      const item = { token, line };
      line += token.raw.split('\n').length - 1;
      return item;
    });
  });
}

function namesOf(blocks: readonly Block[]): Set<string> {
  const named = blocks.map(namedIn);
  return new Set([
    ...named.flatMap(({ codes }) => codes.map(({ text }) => `\`${text}\``)),
    ...named.flatMap(({ links }) => links.map(({ href }) => `the link to ${href}`)),
  ]);
}
