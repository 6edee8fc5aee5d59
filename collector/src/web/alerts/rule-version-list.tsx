import { Button, Group, List, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { RuleChange, RuleVersions } from '../../schema/alert-rules.js';
import type { RuleOverride } from '../../schema/alerts.js';
import { dateTimeWithZone, number } from '../format.js';
import { useLengths } from './use-length.js';

interface VersionListProps {
  readonly versions: RuleVersions['versions'];
  /** Puts a version into the form; left out for whoever only reads. */
  readonly onLoad?: (override: RuleOverride) => void;
}

/** Who changed a rule, when and what; each of them, and the default, can be loaded into the form. */
export function RuleVersionList({ versions, onLoad }: VersionListProps) {
  const { t, i18n } = useTranslation();
  return (
    <Stack gap="xs" data-testid="rule-versions">
      <Text fw={600} size="sm">
        {t('ruleEdit.versions')}
      </Text>
      {versions.map(({ version, author, at, override, changes }) => (
        <Version
          key={version}
          title={t('ruleEdit.version', { version, author, time: dateTimeWithZone(at, i18n.language) })}
          load={t('ruleEdit.load', { version })}
          {...(onLoad && { onLoad: () => onLoad(override) })}
        >
          {changes.length === 0 && <Text size="sm">{t('ruleEdit.same')}</Text>}
          <List size="sm">
            {changes.map((change) => (
              <List.Item key={`${change.field} ${change.condition}`}>
                <ChangeText change={change} />
              </List.Item>
            ))}
          </List>
        </Version>
      ))}
      <Version
        title={t('ruleEdit.default')}
        load={t('ruleEdit.loadDefault')}
        {...(onLoad && { onLoad: () => onLoad({}) })}
      />
    </Stack>
  );
}

interface VersionProps {
  readonly title: string;
  readonly load: string;
  readonly onLoad?: () => void;
  readonly children?: ReactNode;
}

function Version({ title, load, onLoad, children }: VersionProps) {
  return (
    <Group justify="space-between" align="flex-start">
      <div style={{ flex: '1 1 180px' }}>
        <Text size="sm">{title}</Text>
        {children}
      </div>
      {onLoad !== undefined && (
        <Button variant="default" mih={44} onClick={onLoad}>
          {load}
        </Button>
      )}
    </Group>
  );
}

function ChangeText({ change }: { change: RuleChange }) {
  const { t, i18n } = useTranslation();
  const lengths = useLengths();
  const { field, condition, unit, before, after } = change;
  const show = (value: RuleChange['before']): string => {
    if (value === null) return t('ruleEdit.never');
    if (typeof value === 'boolean') return value ? t('ruleEdit.on') : t('ruleEdit.off');
    if (typeof value === 'string') return t(`alerts.severity-${value}`);
    if (field === 'forSeconds' || field === 'keepSeconds') return lengths(value);
    return `${number(value, i18n.language, Number.isInteger(value) ? 0 : 2)} ${unit}`.trim();
  };
  const name = condition === '' ? '' : ` (${condition})`;
  return (
    <>
      {t(`ruleEdit.field-${field}`)}
      {name}: {show(before)} → {show(after)}
    </>
  );
}
