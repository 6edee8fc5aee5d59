import { describe, expect, it } from 'vitest';
import { fill, WORDS } from './words.js';

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe('the words of the status page', () => {
  it.each(Object.entries(WORDS.en))('%s has the same placeholders in both languages', (key, text) => {
    const other = WORDS.vi[key as keyof typeof WORDS.vi];
    if (typeof text === 'string' && typeof other === 'string')
      expect(placeholders(other)).toEqual(placeholders(text));
    else expect(Object.keys(other)).toEqual(Object.keys(text));
  });

  it('take their values', () => {
    expect(fill('{n} of {all}', { n: 1, all: 2 })).toBe('1 of 2');
  });
});
