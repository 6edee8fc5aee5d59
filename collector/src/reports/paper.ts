import { isoWithOffset } from '../counts/zone.js';
import type { Block, Document } from '../documents/document.js';
import { spanOf, type Language } from '../incidents/review-words.js';
import type { OncallReport, Outcomes, Proposal, ReportPerson } from '../schema/reports.js';
import { REPORT_WORDS } from './words.js';

/** A report as a document. */
export function reportDocument(
  report: OncallReport,
  proposals: readonly Proposal[],
  language: Language,
): Document {
  const words = REPORT_WORDS[language];
  const { from, to, zone } = report;
  // The end is midnight: what people ask for is the day before it.
  const [first, last] = [isoWithOffset(zone, from), isoWithOffset(zone, to - 1000)];
  return {
    title: `${words.title} ${first.slice(0, 10)} – ${last.slice(0, 10)}`,
    subtitle: `${first} – ${last} (${zone})`,
    language,
    blocks: [
      ...severityBlocks(report, language),
      ...peopleBlocks(report, language),
      ...nightBlocks(report, language),
      ...actionableBlocks(report, language),
      ...ruleBlocks(report, language),
      ...proposalBlocks(proposals, language),
    ],
  };
}

function table(
  heading: string,
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  none: string,
): Block[] {
  const title: Block = { kind: 'heading', text: heading };
  return rows.length === 0
    ? [title, { kind: 'text', text: none }]
    : [title, { kind: 'table', columns, rows }];
}

function severityBlocks({ severities }: OncallReport, language: Language): Block[] {
  const words = REPORT_WORDS[language];
  const time = (ms: number | null) => (ms === null ? '–' : spanOf(ms, language));
  const rows = severities.map((row) => [
    ...[words.severity[row.severity], row.incidents, row.inTime, row.late],
    ...[time(row.responseTargetMs), time(row.mttaMs), time(row.mttrMs)],
  ]);
  return table(words.severities, words.severityColumns, rows, '');
}

function peopleBlocks({ people, pages, nightPages }: OncallReport, language: Language): Block[] {
  const words = REPORT_WORDS[language];
  const rows = people.map((one) => [
    ...[one.person ?? words.removed, one.pages, one.incidents, one.nightPages, one.nights, one.loudNights],
    channelsOf(one, language),
  ]);
  return [
    ...table(words.pages, words.peopleColumns, rows, words.noPages),
    { kind: 'text', text: words.pagesSum(pages, nightPages) },
  ];
}

function nightBlocks({ nights }: OncallReport, language: Language): Block[] {
  const words = REPORT_WORDS[language];
  const rows = nights.map((one) => [
    ...[one.night, one.person ?? words.removed, one.zone, one.pages, one.incidents],
    ...[channelsOf(one, language), one.loud ? words.loud : ''],
  ]);
  return [
    ...table(words.nights, words.nightColumns, rows, words.noNights),
    { kind: 'text', text: words.nightRule },
  ];
}

function channelsOf({ channels }: Pick<ReportPerson, 'channels'>, language: Language): string {
  const names = Object.entries(channels) as [keyof typeof channels, number][];
  return names.map(([name, many]) => `${REPORT_WORDS[language].channel[name]} ${many}`).join(', ');
}

function actionableBlocks({ incidents, pagesBy }: OncallReport, language: Language): Block[] {
  const words = REPORT_WORDS[language];
  const row = (name: string, { acted, seen, untouched, open, actionableShare }: Outcomes) => [
    ...[name, acted, seen, untouched, open, percent(actionableShare)],
  ];
  const rows = [row(words.ofIncidents, incidents), row(words.ofPages, pagesBy)];
  return [
    ...table(words.actionable, words.actionableColumns, rows, ''),
    { kind: 'text', text: words.actionableRule },
  ];
}

function ruleBlocks({ rules }: OncallReport, language: Language): Block[] {
  const words = REPORT_WORDS[language];
  const rows = rules.map((one) => [
    ...[one.title?.[language] ?? one.rule, one.alerts, one.incidents, one.pages, percent(one.untouchedShare)],
    ...[one.flaps, one.medianMs === null ? '–' : spanOf(one.medianMs, language)],
  ]);
  return table(words.rules, words.ruleColumns, rows, words.noRules);
}

function proposalBlocks(proposals: readonly Proposal[], language: Language): Block[] {
  const words = REPORT_WORDS[language];
  const heading: Block = { kind: 'heading', text: words.proposals };
  if (proposals.length === 0) return [heading, { kind: 'text', text: words.noProposals }];
  const length = (seconds: number) => spanOf(1000 * seconds, language);
  const items = proposals.map((one) => ({ text: `${one.title[language]}: ${words.proposal(one, length)}` }));
  return [heading, { kind: 'list', items }];
}

function percent(share: number | null): string {
  return share === null ? '–' : `${Math.round(100 * share)} %`;
}
