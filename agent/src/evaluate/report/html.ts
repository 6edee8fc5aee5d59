/** HTML or SVG that is safe to put into a page. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template; texts and numbers are escaped, safe HTML is not. */
type Part = Html | string | number | readonly Html[];

/**
 * A template whose inserted texts are escaped, so that no name from a truth file can become markup. Also inside
 * attributes, as long as these stand in double quotes.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, string, index) => text + textOf(parts[index - 1] ?? '') + string));
}

function textOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('\n');
  return String(part).replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
