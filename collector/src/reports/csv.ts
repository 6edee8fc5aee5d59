import { stringify } from 'csv-stringify/sync';
import { CHANNEL_KINDS } from '../schema/notification-words.js';
import type { OncallReport, ReportPerson, ReportTable } from '../schema/reports.js';

type Row = Readonly<Record<string, string | number | null>>;

/** One table of a report as comma-separated values with a header, by RFC 4180; units are in the names of the columns. */
export function toCsv(report: OncallReport, table: ReportTable): string {
  return stringify([...rowsOf(report, table)], {
    header: true,
    columns: COLUMNS[table],
    record_delimiter: 'windows',
  });
}

/** So that an empty table has its header, too. */
const COLUMNS: Readonly<Record<ReportTable, string[]>> = {
  people: ['person', 'pages', 'incidents', 'night_pages', 'nights', 'loud_nights', ...CHANNEL_KINDS],
  nights: ['night', 'person', 'zone', 'pages', 'incidents', 'loud', ...CHANNEL_KINDS],
  rules: ['rule', 'alerts', 'incidents', 'pages', 'untouched', 'untouched_share', 'flaps', 'median_seconds'],
  severities: [
    ...['severity', 'incidents', 'in_time', 'late', 'target_seconds', 'mtta_seconds', 'mttr_seconds'],
  ],
};

function rowsOf(report: OncallReport, table: ReportTable): Row[] {
  switch (table) {
    case 'people':
      return report.people.map((one) => ({
        ...{ person: one.person, pages: one.pages, incidents: one.incidents, night_pages: one.nightPages },
        ...{ nights: one.nights, loud_nights: one.loudNights, ...channelsOf(one) },
      }));
    case 'nights':
      return report.nights.map((one) => ({
        ...{ night: one.night, person: one.person, zone: one.zone, pages: one.pages },
        ...{ incidents: one.incidents, loud: one.loud ? 'yes' : 'no', ...channelsOf(one) },
      }));
    case 'rules':
      return report.rules.map((one) => ({
        ...{ rule: one.rule, alerts: one.alerts, incidents: one.incidents, pages: one.pages },
        ...{ untouched: one.untouched, untouched_share: shareOf(one.untouchedShare), flaps: one.flaps },
        median_seconds: seconds(one.medianMs),
      }));
    case 'severities':
      return report.severities.map((one) => ({
        ...{ severity: one.severity, incidents: one.incidents, in_time: one.inTime, late: one.late },
        ...{ target_seconds: seconds(one.responseTargetMs), mtta_seconds: seconds(one.mttaMs) },
        mttr_seconds: seconds(one.mttrMs),
      }));
  }
}

function channelsOf({ channels }: Pick<ReportPerson, 'channels'>): Row {
  return Object.fromEntries(CHANNEL_KINDS.map((kind) => [kind, channels[kind] ?? 0]));
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms / 1000);
}

function shareOf(value: number | null): number | null {
  return value === null ? null : Number(value.toFixed(4));
}
