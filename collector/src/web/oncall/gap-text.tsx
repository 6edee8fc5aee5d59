import { useTranslation } from 'react-i18next';
import type { Gap } from '../../schema/oncall.js';
import { dateTimeWithZone } from '../format.js';

interface GapTextProps {
  readonly gap: Gap;
  /** Team and level. */
  readonly where: string;
  /** IANA; the browser's where it is not known. */
  readonly zone: string | undefined;
}

/** One thing that stands in the way of reaching somebody. */
export function GapText({ gap, where, zone }: GapTextProps) {
  const { t, i18n } = useTranslation();
  const time = (at: number) => dateTimeWithZone(at, i18n.language, zone);
  return t(`oncall.gap.${gap.problem}`, {
    where,
    user: gap.user ?? '',
    contact: gap.contact === null ? '' : t(`oncall.kind.${gap.contact}`),
    from: time(gap.from),
    to: time(gap.to),
  });
}
