import { Button, Card, Stack, Table, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { fetchAuditLog } from '../api.js';
import { dateTimeWithZone } from '../format.js';
import { LoadFailed } from '../load-failed.js';

/** Who did what, the newest first. */
export function AuditLogPage() {
  const { t, i18n } = useTranslation();
  const log = useInfiniteQuery({
    queryKey: ['audit-log'],
    queryFn: ({ pageParam }) => fetchAuditLog(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  if (log.isError) return <LoadFailed error={log.error} retry={() => void log.refetch()} />;
  const entries = (log.data?.pages ?? []).flatMap((page) => page.entries);
  return (
    <Stack gap="lg" data-testid="audit-log">
      <Title order={2} size="h4">
        {t('auditLog.title')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('auditLog.hint')}
      </Text>
      <Card withBorder>
        <Table.ScrollContainer minWidth={560}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                {(['at', 'actor', 'action', 'object', 'result'] as const).map((column) => (
                  <Table.Th key={column}>{t(`auditLog.${column}`)}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {entries.map(({ seq, at, actor, address, action, object, result, detail }) => (
                <Table.Tr key={seq}>
                  <Table.Td>{dateTimeWithZone(at, i18n.language)}</Table.Td>
                  <Table.Td>
                    {actor}
                    <Text size="xs" c="dimmed">
                      {address}
                    </Text>
                  </Table.Td>
                  <Table.Td>{action}</Table.Td>
                  <Table.Td>
                    {object}
                    <Text size="xs" c="dimmed" lineClamp={2}>
                      {detail}
                    </Text>
                  </Table.Td>
                  <Table.Td>{t(`auditLog.${result}`)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Card>
      {log.hasNextPage && (
        <Button
          variant="default"
          mih={44}
          loading={log.isFetchingNextPage}
          onClick={() => void log.fetchNextPage()}
        >
          {t('auditLog.more')}
        </Button>
      )}
    </Stack>
  );
}
