import { Button, Group } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** Commands, with a button that copies them. */
export function CommandBlock({ text }: { text: string }) {
  const { t } = useTranslation();
  const block = useRef<HTMLPreElement>(null);
  const [done, setDone] = useState<'copied' | 'marked'>();
  const copy = async () => {
    // Browsers lend the clipboard to encrypted pages only; elsewhere the text is marked, ready to be copied.
    if (window.isSecureContext) {
      await navigator.clipboard.writeText(text);
      setDone('copied');
    } else if (block.current !== null) {
      window.getSelection()?.selectAllChildren(block.current);
      setDone('marked');
    }
  };
  return (
    <Group gap="xs" align="flex-start" my={4}>
      <pre ref={block} className="command" tabIndex={0} aria-label={t('handbook.commands')}>
        {text}
      </pre>
      <Button className="no-print" variant="default" flex="none" mih={44} onClick={() => void copy()}>
        <span aria-live="polite">{t(`handbook.${done ?? 'copy'}`)}</span>
      </Button>
    </Group>
  );
}
