import { Alert, Badge, Button, Card, Group, Stack, Text, Textarea, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LevelOnCall } from '../../schema/oncall.js';
import { dateTimeWithZone } from '../format.js';
import { Problem } from '../problem.js';
import { HandoverView } from './handover-view.js';
import { addNote } from './oncall-api.js';
import type { WantedShift } from './take-shift.js';

const HOUR_MS = 3_600_000;

interface DutyCardProps {
  readonly team: string;
  readonly level: LevelOnCall;
  readonly username: string;
  /** Whether hand-over notes may be written. */
  readonly mayNote: boolean;
  readonly onTake: (wanted: WantedShift) => void;
}

/** Who is on duty at a level now, until when, and who is next. */
export function DutyCard({ team, level, username, mayNote, onTake }: DutyCardProps) {
  const { t, i18n } = useTranslation();
  const { now, next, note, reachable, timeZone } = level;
  const time = (at: number) => dateTimeWithZone(at, i18n.language, timeZone);
  const take = () => {
    const from = Math.max(now.from, Date.now());
    onTake({ team, level: level.level, from, to: now.to ?? from + 12 * HOUR_MS });
  };
  return (
    <Card withBorder data-testid={`duty-${team}-${level.level}`}>
      <Stack gap="xs">
        <Title order={4} size="h6">
          L{level.level} {t(`oncall.level.${level.level}`)}
        </Title>
        <Group gap="xs">
          {now.user === null ? (
            <Badge color="red.9" variant="filled" size="lg">
              {t('oncall.nobody')}
            </Badge>
          ) : (
            <Text fw={700} size="lg">
              {now.user === username ? t('oncall.you', { name: now.user }) : now.user}
            </Text>
          )}
          {now.user !== null && !reachable && (
            <Badge color="red.9" variant="filled">
              {t('oncall.unreachable')}
            </Badge>
          )}
        </Group>
        <Text size="sm">
          {now.to === null ? t('oncall.forNow') : t('oncall.until', { time: time(now.to) })}
        </Text>
        {next !== null && (
          <Text size="sm" fw={next.user === null ? 700 : 400}>
            {t('oncall.next', { name: next.user ?? t('oncall.nobody'), time: time(next.from) })}
          </Text>
        )}
        {note !== null && (
          <Alert color="cyan" title={t('oncall.noteOf', { name: note.author, time: time(note.at) })}>
            <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {note.text}
            </Text>
          </Alert>
        )}
        <HandoverView team={team} level={level.level} isOwn={now.user === username} />
        {now.user !== username && (
          <Button variant="default" mih={44} maw={260} onClick={take}>
            {t('oncall.take')}
          </Button>
        )}
        {mayNote && <NoteForm team={team} level={level.level} />}
      </Stack>
    </Card>
  );
}

function NoteForm({ team, level }: { team: string; level: number }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const add = useMutation({
    mutationFn: () => addNote(team, level, text),
    onSuccess: () => {
      setText('');
      setOpen(false);
      void queries.invalidateQueries({ queryKey: ['on-call'] });
    },
  });
  if (!open)
    return (
      <Button variant="default" mih={44} maw={260} onClick={() => setOpen(true)}>
        {t('oncall.writeNote')}
      </Button>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <Stack gap="xs">
        <Textarea
          label={t('oncall.note')}
          description={t('oncall.noteHint')}
          autosize
          minRows={3}
          maxLength={4000}
          required
          autoFocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Problem error={add.error} />
        <Button type="submit" mih={44} maw={260} loading={add.isPending}>
          {t('oncall.saveNote')}
        </Button>
      </Stack>
    </form>
  );
}
