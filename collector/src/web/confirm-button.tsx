import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

interface ConfirmButtonProps {
  readonly label: string;
  /** What is lost. */
  readonly question: string;
  readonly loading: boolean;
  readonly onConfirm: () => void;
}

/** A button for what cannot be undone: it asks once more, and Escape takes it back. */
export function ConfirmButton({ label, question, loading, onConfirm }: ConfirmButtonProps) {
  const { t } = useTranslation();
  const [asks, setAsks] = useState(false);
  if (!asks)
    return (
      <Button variant="default" mih={44} onClick={() => setAsks(true)}>
        {label}
      </Button>
    );
  return (
    <Group
      gap="xs"
      role="group"
      aria-label={question}
      onKeyDown={({ key }) => key === 'Escape' && setAsks(false)}
    >
      <Text size="sm" fw={600}>
        {question}
      </Text>
      <Button color="red.9" mih={44} autoFocus loading={loading} onClick={onConfirm}>
        {label}
      </Button>
      <Button variant="default" mih={44} onClick={() => setAsks(false)}>
        {t('confirm.keep')}
      </Button>
    </Group>
  );
}
