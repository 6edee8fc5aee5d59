import { Code, List, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Differences } from '../../schema/remote.js';

/** Changed fields that are shown; a camera with its lines has many. */
const SHOWN = 30;

/** What changes, field by field. */
export function DifferenceList({ changes }: { changes: Differences }) {
  const { t } = useTranslation();
  if (changes.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('config.noChange')}
      </Text>
    );
  return (
    <List size="sm" listStyleType="none">
      {changes.slice(0, SHOWN).map(({ path, before, after }) => (
        <List.Item key={path} style={{ overflowWrap: 'anywhere' }}>
          <Code>{path}</Code> {valueOf(before) ?? t('config.nothing')} →{' '}
          {valueOf(after) ?? t('config.nothing')}
        </List.Item>
      ))}
      {changes.length > SHOWN && (
        <List.Item>{t('config.moreFields', { fields: changes.length - SHOWN })}</List.Item>
      )}
    </List>
  );
}

function valueOf(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
