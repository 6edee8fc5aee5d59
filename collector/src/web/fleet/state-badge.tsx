import { Badge } from '@mantine/core';

const LOOKS = {
  good: { color: 'teal.9', icon: '●' },
  waiting: { color: 'yellow.9', icon: '◐' },
  bad: { color: 'red.9', icon: '✖' },
  neutral: { color: 'gray.7', icon: '○' },
} as const;

/** A state in a word, with an icon and a colour that say the same. */
export function StateBadge({ look, children }: { look: keyof typeof LOOKS; children: string }) {
  const { color, icon } = LOOKS[look];
  return (
    <Badge
      color={color}
      variant="filled"
      leftSection={<span aria-hidden>{icon}</span>}
      styles={{
        // A long state goes on in a second line on a phone.
        root: { height: 'auto', minHeight: 'var(--badge-height)', flex: '0 1 auto' },
        label: { textTransform: 'none', whiteSpace: 'normal' },
      }}
    >
      {children}
    </Badge>
  );
}
