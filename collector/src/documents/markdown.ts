import type { Block, Document } from './document.js';

/** A document as Markdown (CommonMark with the tables and task lists of GitHub). */
export function toMarkdown({ title, subtitle, blocks }: Document): string {
  return [`# ${plain(title)}`, plain(subtitle), ...blocks.map(blockOf), ''].join('\n\n');
}

function blockOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `## ${plain(block.text)}`;
    case 'text':
      return block.text;
    case 'list':
      return block.items
        .map(({ text, done }) => `- ${done === undefined ? '' : done ? '[x] ' : '[ ] '}${plain(text)}`)
        .join('\n');
    case 'table': {
      const line = (cells: readonly (string | number)[]) =>
        `| ${cells.map((cell) => plain(String(cell))).join(' | ')} |`;
      return [line(block.columns), line(block.columns.map(() => '---')), ...block.rows.map(line)].join('\n');
    }
  }
}

/** One line that is no markup: what people type must not become a heading or a link. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#|]/g, '\\$&');
}
