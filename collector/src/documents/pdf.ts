import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import type { Content, Definition } from 'pdfmake';
import type { Block, Document } from './document.js';

/** Roboto (Apache-2.0) comes with the library and has every letter of Vietnamese. */
const FONTS = join(
  dirname(createRequire(import.meta.url).resolve('pdfmake/package.json')),
  'fonts',
  'Roboto',
);

/**
 * A document as PDF on A4: its title on top, and title, page and number of pages at the foot of each page. The library is loaded when
 * the first one is asked for, so that nobody waits for it at the start.
 */
export async function toPdf(document: Document): Promise<Buffer> {
  const { default: pdfmake } = await import('pdfmake');
  pdfmake.setFonts({
    Roboto: { normal: join(FONTS, 'Roboto-Regular.ttf'), bold: join(FONTS, 'Roboto-Medium.ttf') },
  });
  // A document is made of what people typed: it reads no file but its font, and asks nothing of the network.
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy((path) => path.startsWith(FONTS + sep));
  return pdfmake.createPdf(definitionOf(document)).getBuffer();
}

function definitionOf({ title, subtitle, language, blocks }: Document): Definition {
  return {
    ...{ pageSize: 'A4', pageMargins: [48, 48, 48, 56], language },
    info: { title: letters(title), creator: 'Headcount' },
    defaultStyle: { font: 'Roboto', fontSize: 10, lineHeight: 1.2 },
    styles: {
      title: { fontSize: 18, bold: true },
      subtitle: { color: '#444444', margin: [0, 2, 0, 8] },
      heading: { fontSize: 13, bold: true, margin: [0, 12, 0, 4] },
    },
    footer: (page: number, pages: number): Content => ({
      columns: [
        { text: letters(title), width: '*' },
        { text: `${page} / ${pages}`, width: 'auto' },
      ],
      ...{ margin: [48, 16, 48, 0], fontSize: 8, color: '#444444' },
    }),
    // A heading at the foot of a page goes with what it is about.
    pageBreakBefore: (node, { getFollowingNodesOnPage }) =>
      node.style === 'heading' && getFollowingNodesOnPage().length === 0,
    content: [
      { text: letters(title), style: 'title' },
      { text: letters(subtitle), style: 'subtitle' },
      ...blocks.map(contentOf),
    ],
  };
}

function contentOf(block: Block): Content {
  switch (block.kind) {
    case 'heading':
      return { text: letters(block.text), style: 'heading' };
    case 'text':
      return { text: letters(block.text), margin: [0, 0, 0, 4] };
    case 'list':
      return {
        ul: block.items.map(({ text, done }) =>
          letters(done === undefined ? text : `${done ? '[x]' : '[  ]'} ${text}`),
        ),
      };
    case 'table':
      return {
        margin: [0, 4, 0, 8],
        layout: 'lightHorizontalLines',
        table: {
          headerRows: 1,
          widths: block.columns.map((_, index) => (index === 0 ? '*' : 'auto')),
          body: [
            block.columns.map((text) => ({ text: letters(text), bold: true })),
            ...block.rows.map((row) =>
              row.map((cell) =>
                typeof cell === 'number'
                  ? { text: String(cell), alignment: 'right' as const }
                  : letters(cell),
              ),
            ),
          ],
        },
      };
  }
}

/** Letters with their marks in one piece, as the font has them; some keyboards and systems send them apart. */
function letters(text: string): string {
  return text.normalize('NFC');
}
