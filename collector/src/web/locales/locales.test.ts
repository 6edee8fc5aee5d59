import { describe, expect, it } from 'vitest';
import en from './en.json' with { type: 'json' };
import vi from './vi.json' with { type: 'json' };

/** Every text by its path, with the names of its placeholders. */
function texts(node: object, path = ''): Map<string, string> {
  return new Map(
    Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'string'
        ? [
            [
              `${path}${key}`,
              [...value.matchAll(/{{(\w+)}}/g)]
                .map(([, name]) => name)
                .sort()
                .join(),
            ] as const,
          ]
        : [...texts(value as object, `${path}${key}.`)],
    ),
  );
}

describe('translations', () => {
  it('have the same keys and placeholders in English and Vietnamese', () => {
    expect(Object.fromEntries(texts(vi))).toEqual(Object.fromEntries(texts(en)));
  });

  it('are not empty', () => {
    for (const locale of [en, vi]) expect(JSON.stringify(locale)).not.toContain('""');
  });
});
