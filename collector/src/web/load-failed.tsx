import { Alert, Button, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ApiError } from './http.js';

/** An error in words, with a way to try again. */
export function LoadFailed({ error, retry }: { error: Error; retry: () => void }) {
  const { t } = useTranslation();
  const unreachable = !(error instanceof ApiError) || error.status === 0;
  return (
    <Alert color="red" title={t('error.title')} role="alert">
      <Stack align="flex-start" gap="sm">
        <Text size="sm">{unreachable ? t('error.unreachable') : error.message}</Text>
        <Button size="xs" color="red" onClick={retry}>
          {t('error.retry')}
        </Button>
      </Stack>
    </Alert>
  );
}
