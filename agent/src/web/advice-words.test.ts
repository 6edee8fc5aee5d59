import { describe, expect, it } from 'vitest';
import type { Advice } from '../counter/advice.js';
import { adviceText } from './advice-words.js';

const EVERY: readonly Advice[] = [
  { code: 'edge-too-close', part: null, edge: 'lower', anchor: 'bottom-centre', percent: 25 },
  { code: 'edge-too-close', part: 3, edge: 'left', anchor: 'head', percent: 10 },
  { code: 'people-too-large', part: null },
  { code: 'line-too-short', percent: 10 },
  { code: 'no-rate-enough' },
  { code: 'raise-fps', needed: 6, configured: 3 },
  { code: 'rate-too-low', needed: 6 },
  { code: 'zone-too-narrow' },
];

describe.each(['en', 'vi'] as const)('advice in %s', (language) => {
  it.each(EVERY)('$code has every value in its place', (advice) => {
    expect(adviceText(advice, language)).not.toMatch(/[{}]|undefined|null/);
  });
});

it('says what to move, by how much and away from what', () => {
  const [close] = EVERY as [Advice];
  expect(adviceText(close, 'en')).toBe(
    "the line is too close to the lower edge, where people's feet cannot be followed to its other side: " +
      'move it at least 25 % of the picture height away from the lower edge',
  );
  expect(adviceText(close, 'vi')).toContain('ít nhất 25 % chiều cao khung hình tính từ mép dưới');
});
