import { z } from 'zod';
import { incidentReportSchema } from './incidents.js';
import { CHANNEL_KINDS } from './notification-words.js';
import { REPORT_TABLE_NAMES } from './report-words.js';
import { timeZoneSchema } from './sites.js';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const count = z.int().min(0);
const share = z.number().min(0).max(1).nullable();
const text = z.object({ en: z.string(), vi: z.string() });
const day = z.iso.date('must be a day such as 2026-03-01');

export const reportQuerySchema = z.object({
  from: day.describe('first day'),
  to: day.describe('last day, with all of it; at most 400 days'),
  zone: timeZoneSchema.optional().describe("IANA zone of the days; the collector's where it is left out"),
});
export const reportFileQuerySchema = reportQuerySchema.extend({
  lang: z.enum(['en', 'vi']).default('en'),
});
export const reportCsvQuerySchema = reportQuerySchema.extend({
  table: z.enum(REPORT_TABLE_NAMES).default('people'),
});

const channels = z
  .partialRecord(z.enum(CHANNEL_KINDS), count)
  .describe('messages by channel; one page may go out by several');

const personSchema = z.object({
  person: z.string().nullable().describe('null for contacts that were removed since'),
  pages: count,
  incidents: count.describe('for which they were paged'),
  nightPages: count.describe('of the pages, those between 22:00 and 07:00'),
  nights: count.describe('in which they were paged'),
  loudNights: count.describe('of these, those with more than two pages'),
  channels,
});
const nightSchema = z.object({
  person: z.string().nullable(),
  night: z.string().describe('day on whose evening it began'),
  zone: z.string().describe("IANA: the person's schedule's, else the site's"),
  pages: count,
  incidents: count,
  loud: z.boolean().describe('more than two pages'),
  channels,
});
const outcomesSchema = z.object({
  acted: count.describe('acknowledged, and somebody did something'),
  seen: count.describe('somebody looked, and nothing was to be done'),
  untouched: count.describe('over by itself, and nobody had touched it'),
  open: count.describe('not over, and nobody has done something yet: not judged'),
  actionableShare: share.describe('acted / (acted + seen + untouched)'),
});
const ruleSchema = z.object({
  rule: z.string(),
  title: text.nullable(),
  alerts: count.describe('that fired'),
  incidents: count.describe('that it opened'),
  pages: count.describe('for these'),
  untouched: count.describe('of these, over by themselves without anybody'),
  untouchedShare: share.describe('of those that are judged'),
  flaps: count.describe('times that an alert came back while it was clearing'),
  medianMs: z.number().nullable().describe('from firing to resolved, ms'),
});

export const reportSchema = z.object({
  from: utcMs,
  to: utcMs.describe('not included'),
  zone: z.string(),
  severities: incidentReportSchema.shape.severities,
  pages: count,
  nightPages: count,
  mostPagesPerNight: count.describe('that a person should get: more are marked'),
  people: z.array(personSchema),
  nights: z.array(nightSchema).describe('in which somebody was paged, the loudest first'),
  incidents: outcomesSchema.describe('incidents of the span by what became of them'),
  pagesBy: outcomesSchema.describe('pages of these incidents'),
  rules: z.array(ruleSchema).describe('the noisiest first'),
});

const proposalSchema = z.object({
  rule: z.string(),
  title: text,
  condition: z.string(),
  forSeconds: z.int().describe('as it is'),
  pages: count,
  incidents: count,
  acted: count.describe('of the incidents'),
  better: z
    .object({ forSeconds: z.int(), pages: count, incidents: count })
    .nullable()
    .describe('a longer time before it fires that misses nothing that somebody acted on; null for none'),
  why: z.enum(['longer', 'no-history', 'nothing-better']),
});
export const proposalsSchema = z.object({ proposals: z.array(proposalSchema) });

export type ReportQuery = z.infer<typeof reportQuerySchema>;
export type OncallReport = z.infer<typeof reportSchema>;
export type ReportPerson = z.infer<typeof personSchema>;
export type ReportNight = z.infer<typeof nightSchema>;
export type Outcomes = z.infer<typeof outcomesSchema>;
export type NoisyRule = z.infer<typeof ruleSchema>;
export type Proposal = z.infer<typeof proposalSchema>;
export type ReportTable = (typeof REPORT_TABLE_NAMES)[number];
