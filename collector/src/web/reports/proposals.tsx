import { Anchor, Card, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Proposal } from '../../schema/reports.js';
import { inLanguage, span } from '../incidents/words.js';
import { LoadFailed } from '../load-failed.js';
import { fetchProposals, type Days } from './reports-api.js';

/** What would make the loudest rules quieter, worked out from what is stored. */
export function Proposals({ days }: { days: Days }) {
  const { t } = useTranslation();
  const proposals = useQuery({
    queryKey: ['reports', 'proposals', days],
    queryFn: () => fetchProposals(days),
  });
  return (
    <Stack gap="sm" component="section" aria-label={t('reports.proposals')}>
      <Title order={3} size="h5">
        {t('reports.proposals')}
      </Title>
      {proposals.isPending && <Skeleton h={80} />}
      {proposals.isError && <LoadFailed error={proposals.error} retry={() => void proposals.refetch()} />}
      {proposals.data?.length === 0 && <Text c="dimmed">{t('reports.no-proposals')}</Text>}
      {(proposals.data ?? []).map((proposal) => (
        <ProposalCard key={proposal.rule} proposal={proposal} />
      ))}
    </Stack>
  );
}

function ProposalCard({ proposal }: { proposal: Proposal }) {
  const { t, i18n } = useTranslation();
  const { rule, title, forSeconds, pages, incidents, acted, better, why } = proposal;
  const length = (seconds: number) => span(1000 * seconds, t);
  const values =
    better === null
      ? { acted }
      : {
          ...{ acted, pages, incidents, better: length(better.forSeconds), now: length(forSeconds) },
          ...{ betterPages: better.pages, betterIncidents: better.incidents },
          later: length(better.forSeconds - forSeconds),
        };
  return (
    <Card withBorder data-testid="proposal" data-rule={rule}>
      <Text fw={600}>{inLanguage(title, i18n.language)}</Text>
      <Text size="sm">{t(`reports.why-${why}${acted === 0 ? '-unacted' : ''}`, values)}</Text>
      <Anchor href={`#alerts/rules/${rule}`} size="sm" className="no-print">
        {t('reports.to-rule')}
      </Anchor>
    </Card>
  );
}
