import { Button, Group, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { timeWithZone } from '../format.js';
import { TallyReview } from './tally-review.js';
import {
  endNow,
  hasWholeMinute,
  minutesOf,
  phaseOf,
  press,
  stop,
  totalsOf,
  undo,
  type Direction,
  type Tally,
} from './tally-state.js';
import { useClock, useScreenOn, useTallyKeys } from './use-tally.js';

/** Minutes that are shown while somebody counts. */
const SHOWN_MINUTES = 5;

interface Props {
  readonly tally: Tally;
  readonly onChange: (change: (tally: Tally | null) => Tally | null) => void;
}

/** Count at the door, without a look at what the machine counts. */
export function TallyPage({ tally, onChange }: Props) {
  const { t, i18n } = useTranslation();
  const now = useClock(tally.clockOffset);
  const { timeZone, cameraName, lineName } = tally.line;
  const phase = phaseOf(tally, now);
  return (
    <Stack gap="sm" data-testid="tally" data-phase={phase}>
      <Group justify="space-between" align="baseline">
        <Title order={2} size="h4">
          {cameraName}: {lineName}
        </Title>
        <Text className="number" data-testid="tally-clock">
          {timeWithZone(now, i18n.language, timeZone)}
        </Text>
      </Group>
      {phase === 'over' ? (
        <TallyReview tally={tally} onDone={() => onChange(() => null)} />
      ) : (
        <Counting tally={tally} now={now} onChange={onChange} />
      )}
      <Minutes tally={tally} now={now} shown={phase === 'over' ? Infinity : SHOWN_MINUTES} />
      {phase === 'counting' && <EndNow tally={tally} now={now} onChange={onChange} />}
      {phase !== 'over' && (
        <Text size="xs" c="dimmed" visibleFrom="xs">
          {t('tally.keys')}
        </Text>
      )}
    </Stack>
  );
}

function Counting({ tally, now, onChange }: Props & { now: number }) {
  const { t, i18n } = useTranslation();
  useScreenOn();
  const count = (direction: Direction) => {
    if ('vibrate' in navigator) navigator.vibrate(30);
    onChange((current) => current && press(current, direction, Date.now() + current.clockOffset));
  };
  const takeBack = () => onChange((current) => current && undo(current));
  useTallyKeys((meaning) => (meaning === 'undo' ? takeBack() : count(meaning)));
  const before = phaseOf(tally, now) === 'before';
  const time = (at: number) => timeWithZone(at, i18n.language, tally.line.timeZone);
  const totals = totalsOf(tally);
  return (
    <>
      <Text role="status" fw={600}>
        {before && t('tally.begins', { time: time(tally.startsAt) })}
        {!before &&
          t(tally.stopping ? 'tally.ends' : 'tally.counting', {
            time: time(tally.stopping ? tally.endsAt : tally.startsAt),
          })}
      </Text>
      {before && (
        <Text size="xl" className="number">
          {t('tally.seconds', { seconds: Math.ceil((tally.startsAt - now) / 1000) })}
        </Text>
      )}
      <SimpleGrid cols={2} spacing="sm">
        {(['in', 'out'] as const).map((direction) => (
          <Button
            key={direction}
            className="tally-button"
            color={direction === 'in' ? 'teal.9' : 'indigo.9'}
            disabled={before}
            onClick={() => count(direction)}
            data-testid={`tally-${direction}`}
          >
            <Stack gap={4} align="center">
              <Text size="xl" fw={700}>
                {direction === 'in' ? '▲' : '▼'} {t(`tally.${direction}`)}
              </Text>
              <NameOf name={tally.line.directions[direction]} direction={direction} />
              <Text fz={36} fw={700} className="number" data-testid={`tally-total-${direction}`}>
                {totals[direction]}
              </Text>
            </Stack>
          </Button>
        ))}
      </SimpleGrid>
      <Group grow gap="sm">
        <Button variant="default" mih={52} disabled={tally.crossings.length === 0} onClick={takeBack}>
          {t('tally.undo')}
        </Button>
        <Ends tally={tally} now={now} onChange={onChange} />
      </Group>
    </>
  );
}

/** What the site calls the direction, unless that is what the button says anyway. */
function NameOf({ name, direction }: { name: string; direction: Direction }) {
  return name === direction ? null : <Text size="sm">{name}</Text>;
}

function Ends({ tally, now, onChange }: Props & { now: number }) {
  const { t } = useTranslation();
  if (phaseOf(tally, now) === 'before')
    return (
      <Button variant="default" mih={52} onClick={() => onChange(() => null)}>
        {t('tally.cancel')}
      </Button>
    );
  return (
    <Button
      variant="default"
      mih={52}
      disabled={tally.stopping}
      onClick={() => onChange((current) => current && stop(current, Date.now() + current.clockOffset))}
    >
      {t('tally.stop')}
    </Button>
  );
}

/** For who cannot stay for the rest of the minute; away from the other buttons, because it throws presses away. */
function EndNow({ tally, now, onChange }: Props & { now: number }) {
  const { t } = useTranslation();
  if (!tally.stopping || !hasWholeMinute(tally, now)) return null;
  return (
    <Button
      variant="subtle"
      mih={44}
      mt="md"
      onClick={() => onChange((current) => current && endNow(current, Date.now() + current.clockOffset))}
    >
      {t('tally.end-now')}
    </Button>
  );
}

function Minutes({ tally, now, shown }: { tally: Tally; now: number; shown: number }) {
  const { t, i18n } = useTranslation();
  const minutes = minutesOf(tally, now).slice(0, shown);
  if (minutes.length === 0) return null;
  const time = new Intl.DateTimeFormat(i18n.language, {
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: tally.line.timeZone },
  });
  return (
    <Table data-testid="tally-minutes">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('tally.minute')}</Table.Th>
          <Table.Th>{t('tally.in')}</Table.Th>
          <Table.Th>{t('tally.out')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody className="number">
        {minutes.map(({ at, ...counted }) => (
          <Table.Tr key={at}>
            <Table.Td>{time.format(at)}</Table.Td>
            <Table.Td>{counted.in}</Table.Td>
            <Table.Td>{counted.out}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
