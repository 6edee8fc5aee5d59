import { Alert } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ApiError } from './http.js';

/** What the collector said when something could not be done; nothing while there is no error. */
export function Problem({ error }: { error: Error | null }) {
  const { t } = useTranslation();
  if (error === null) return null;
  const unreachable = error instanceof ApiError && error.status === 0;
  return (
    <Alert color="red" role="alert">
      {unreachable ? t('error.unreachable') : error.message}
    </Alert>
  );
}
