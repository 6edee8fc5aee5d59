import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Incident } from '../../schema/incidents.js';
import { span } from './words.js';

/** How long is left until the target, or how long ago it was missed. @param now of the collector, UTC ms */
export function Countdown({
  target,
  now,
  size,
}: {
  target: Incident['target'];
  now: number;
  size: 'sm' | 'lg';
}) {
  const { t } = useTranslation();
  if (target === null) return null;
  const left = target.dueAt - now;
  const late = left < 0;
  return (
    <Text size={size} fw={600} className="number" role="timer" data-testid="countdown" data-late={late}>
      {late && <span aria-hidden>⚠ </span>}
      {t(`incident.${target.kind}-${late ? 'late' : 'left'}`, { time: span(Math.abs(left), t) })}
    </Text>
  );
}
