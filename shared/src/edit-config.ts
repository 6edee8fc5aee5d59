import { isMap, parseDocument } from 'yaml';

/** A change of a YAML text: where, and the new value; `undefined` takes the field away. */
export type ConfigEdit = readonly [path: readonly string[], value: string | undefined];

/**
 * Change fields of a YAML configuration and leave everything else, comments too, as a person wrote it.
 * @throws Error when the text is no YAML map
 */
export function editConfig(text: string, edits: readonly ConfigEdit[]): string {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw error;
  if (document.contents !== null && !isMap(document.contents)) throw new Error('it is no YAML map');
  for (const [path, value] of edits) {
    if (value !== undefined) document.setIn(path, value);
    else if (document.hasIn(path)) document.deleteIn(path);
  }
  return document.toString({ lineWidth: 0 });
}

/** A text field of a YAML configuration, for looking into a file that need not be complete yet. */
export function peekConfig(text: string, path: readonly string[]): string | undefined {
  const value: unknown = parseDocument(text).getIn(path);
  return typeof value === 'string' ? value : undefined;
}
