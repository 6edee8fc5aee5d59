import { Anchor, Badge, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { OncallReport, Outcomes, ReportPerson } from '../../schema/reports.js';
import { percent } from '../format.js';
import { inLanguage, span } from '../incidents/words.js';
import { PagesChart } from './pages-chart.js';
import { ReportTable } from './report-table.js';

interface PartProps {
  readonly report: OncallReport;
}

const PERSON_COLUMNS = ['person', 'pages', 'incidents', 'at-night', 'nights', 'loud-nights', 'messages'];
const NIGHT_COLUMNS = ['night', 'person', 'pages', 'incidents', 'messages', 'night-zone'];
const RULE_COLUMNS = ['rule', 'alerts', 'incidents', 'pages', 'untouched', 'flaps', 'median'];
const OUTCOME_COLUMNS = ['of', 'acted', 'seen', 'untouched', 'open', 'actionable'];
const SEVERITY_COLUMNS = ['severity', 'incidents', 'in-time', 'late', 'target', 'mtta', 'mttr'];

function Part({ name, children }: { name: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs" component="section" aria-label={t(`reports.${name}`)} data-testid={`part-${name}`}>
      <Title order={3} size="h5">
        {t(`reports.${name}`)}
      </Title>
      {children}
    </Stack>
  );
}

/** A share in percent; a dash where there is nothing to share. */
function share(value: number | null): string {
  return value === null ? '–' : `${percent(value)} %`;
}

/** How fast people were, against the targets. */
export function Severities({ report }: PartProps) {
  const { t } = useTranslation();
  const time = (ms: number | null) => (ms === null ? '–' : span(ms, t));
  const rows = report.severities.map((row) => ({
    key: row.severity,
    cells: [
      ...[t(`severity.${row.severity}`), row.incidents, row.inTime, row.late],
      ...[time(row.responseTargetMs), time(row.mttaMs), time(row.mttrMs)],
    ],
  }));
  return (
    <Part name="severities">
      <ReportTable columns={SEVERITY_COLUMNS} rows={rows} label={t('reports.severities')} minWidth={560} />
    </Part>
  );
}

/** Who was paged how often, and by what. */
export function People({ report: { people, mostPagesPerNight } }: PartProps) {
  const { t } = useTranslation();
  const channels = useChannels();
  const rows = people.map((one) => ({
    key: one.person ?? '',
    marked: one.loudNights > 0,
    cells: [
      ...[one.person ?? t('reports.removed'), one.pages, one.incidents, one.nightPages, one.nights],
      one.loudNights === 0 ? 0 : <Loud key="loud">{one.loudNights}</Loud>,
      channels(one),
    ],
  }));
  return (
    <Part name="people">
      {people.length === 0 ? (
        <Text c="dimmed">{t('reports.no-pages')}</Text>
      ) : (
        <>
          <PagesChart people={people} />
          <ReportTable columns={PERSON_COLUMNS} rows={rows} label={t('reports.people')} minWidth={640} />
          <Text size="xs" c="dimmed">
            {t('reports.page-hint', { most: mostPagesPerNight })}
          </Text>
        </>
      )}
    </Part>
  );
}

/** Nights in which somebody was paged, the loudest first. */
export function Nights({ report: { nights, mostPagesPerNight } }: PartProps) {
  const { t } = useTranslation();
  const channels = useChannels();
  const rows = nights.map((one) => ({
    key: `${one.person ?? ''} ${one.night}`,
    marked: one.loud,
    cells: [
      <span key="night" className="one-line">
        {one.night}
      </span>,
      one.person ?? t('reports.removed'),
      one.loud ? <Loud key="loud">{t('reports.loud', { pages: one.pages })}</Loud> : one.pages,
      ...[one.incidents, channels(one), one.zone],
    ],
  }));
  return (
    <Part name="nights">
      {nights.length === 0 ? (
        <Text c="dimmed">{t('reports.no-nights')}</Text>
      ) : (
        <ReportTable columns={NIGHT_COLUMNS} rows={rows} label={t('reports.nights')} minWidth={620} />
      )}
      <Text size="xs" c="dimmed">
        {t('reports.night-hint', { most: mostPagesPerNight })}
      </Text>
    </Part>
  );
}

/** More than a person should bear; the word says what the colour says. */
function Loud({ children }: { children: ReactNode }) {
  return (
    <Badge color="red.9" variant="filled" size="lg" tt="none" miw="max-content">
      {children}
    </Badge>
  );
}

function useChannels(): (one: Pick<ReportPerson, 'channels'>) => string {
  const { t } = useTranslation();
  return ({ channels }) =>
    Object.entries(channels)
      .map(([name, many]) => `${t(`channel.${name}`)} ${many}`)
      .join(', ');
}

/** Whether people had something to do. */
export function Actionable({ report: { incidents, pagesBy } }: PartProps) {
  const { t } = useTranslation();
  const row = (key: string, { acted, seen, untouched, open, actionableShare }: Outcomes) => ({
    key,
    cells: [t(`reports.${key}`), acted, seen, untouched, open, share(actionableShare)],
  });
  const rows = [row('of-incidents', incidents), row('of-pages', pagesBy)];
  return (
    <Part name="actionable">
      <ReportTable columns={OUTCOME_COLUMNS} rows={rows} label={t('reports.actionable')} minWidth={560} />
      <Text size="xs" c="dimmed">
        {t('reports.actionable-hint')}
      </Text>
    </Part>
  );
}

/** Which rules were noise. */
export function Rules({ report: { rules } }: PartProps) {
  const { t, i18n } = useTranslation();
  const rows = rules.map((one) => ({
    key: one.rule,
    cells: [
      <Anchor key="rule" href={`#alerts/rules/${one.rule}`} inherit>
        {one.title === null ? one.rule : inLanguage(one.title, i18n.language)}
      </Anchor>,
      ...[one.alerts, one.incidents, one.pages, share(one.untouchedShare), one.flaps],
      one.medianMs === null ? '–' : span(one.medianMs, t),
    ],
  }));
  return (
    <Part name="rules">
      {rules.length === 0 ? (
        <Text c="dimmed">{t('reports.no-rules')}</Text>
      ) : (
        <ReportTable columns={RULE_COLUMNS} rows={rows} label={t('reports.rules')} minWidth={640} />
      )}
      <Text size="xs" c="dimmed">
        {t('reports.rules-hint')}
      </Text>
    </Part>
  );
}
