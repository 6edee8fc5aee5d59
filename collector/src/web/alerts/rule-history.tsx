import { Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AlertRuleAnswer, RuleOverride } from '../../schema/alerts.js';
import { LoadFailed } from '../load-failed.js';
import { RuleForm } from './rule-form.js';
import { RuleVersionList } from './rule-version-list.js';
import { fetchRuleVersions } from './rules-api.js';

/** The versions of a rule, and for whoever may change it the form; asked for when somebody opens it. */
export function RuleHistory({ rule, mayChange }: { rule: AlertRuleAnswer; mayChange: boolean }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [loaded, setLoaded] = useState<{ override: RuleOverride; times: number } | null>(null);
  const versions = useQuery({
    queryKey: ['alert-rules', rule.slug, 'versions', rule.version],
    queryFn: () => fetchRuleVersions(rule.slug),
    enabled: open,
    placeholderData: (before) => before,
  });
  const load = (override: RuleOverride) => setLoaded({ override, times: (loaded?.times ?? 0) + 1 });
  const draft = loaded?.override ?? rule.override;
  return (
    <details data-testid="rule-history" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary style={{ minHeight: 32 }}>{mayChange ? t('ruleEdit.open') : t('ruleEdit.versions')}</summary>
      {versions.isError && <LoadFailed error={versions.error} retry={() => void versions.refetch()} />}
      {open && versions.data === undefined && !versions.isError && <Skeleton h={120} />}
      {versions.data !== undefined && (
        <Stack mt="xs">
          {mayChange && (
            <RuleForm
              // Whatever is loaded begins a form of its own, and so does what was saved.
              key={`${rule.version} ${loaded?.times ?? 0}`}
              {...{ rule, draft, standard: versions.data.default }}
              onSaved={() => setLoaded(null)}
            />
          )}
          <RuleVersionList versions={versions.data.versions} {...(mayChange && { onLoad: load })} />
        </Stack>
      )}
    </details>
  );
}
