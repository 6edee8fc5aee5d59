import { Button, Group, Input, NativeSelect, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface MemberOrderProps {
  /** Of the team. */
  readonly people: readonly string[];
  /** In the order of their turns. */
  readonly members: string[];
  readonly error: string | undefined;
  readonly onChange: (members: string[]) => void;
}

/** Of a turn: whoever has several is told apart by how many come before. */
function keyOf(members: readonly string[], index: number): string {
  const name = members[index] ?? '';
  return `${name} ${members.slice(0, index).filter((one) => one === name).length}`;
}

/** People in the order of their turns, moved with buttons, so that the keyboard does it too. */
export function MemberOrder({ people, members, error, onChange }: MemberOrderProps) {
  const { t } = useTranslation();
  const others = people.filter((name) => !members.includes(name));
  const earlier = (index: number) =>
    onChange(members.toSpliced(index, 1).toSpliced(index - 1, 0, members[index] ?? ''));
  return (
    <Input.Wrapper label={t('teams.order')} error={error} labelElement="div">
      <Stack gap={4} component="ol" m={0} p={0} style={{ listStyle: 'none' }} data-testid="order">
        {members.map((name, index) => (
          <Group key={keyOf(members, index)} component="li" gap="xs" wrap="nowrap">
            <Text size="sm" style={{ flex: 1, overflowWrap: 'anywhere' }}>
              {index + 1}. {name}
            </Text>
            <Button
              variant="default"
              mih={44}
              px="sm"
              disabled={index === 0}
              aria-label={t('teams.earlier', { name })}
              onClick={() => earlier(index)}
            >
              ↑
            </Button>
            <Button
              variant="default"
              mih={44}
              px="sm"
              aria-label={t('teams.leave', { name })}
              onClick={() => onChange(members.toSpliced(index, 1))}
            >
              ✕
            </Button>
          </Group>
        ))}
      </Stack>
      {others.length > 0 && (
        <NativeSelect
          aria-label={t('teams.join')}
          mt={4}
          maw={260}
          value=""
          data={[
            { value: '', label: t('teams.join') },
            ...others.map((name) => ({ value: name, label: name })),
          ]}
          onChange={(event) =>
            event.currentTarget.value !== '' && onChange([...members, event.currentTarget.value])
          }
        />
      )}
    </Input.Wrapper>
  );
}
