import { Anchor } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { runbookHref } from '../../schema/handbook-words.js';

/** To the runbook of a rule, an alert or an incident; nothing where there is none. */
export function RunbookLink({ runbook }: { runbook: string }) {
  const { t } = useTranslation();
  const href = runbookHref(runbook);
  if (href === undefined) return null;
  const elsewhere = !href.startsWith('#') && { target: '_blank', rel: 'noreferrer' };
  return (
    <Anchor href={href} display="inline-block" py={10} {...elsewhere}>
      {t('handbook.runbook')}
    </Anchor>
  );
}
