import { describe, expect, it } from 'vitest';
import { LogRing } from './log-ring.js';

describe('the log ring', () => {
  it('keeps the last 2000 lines and counts the others', () => {
    const ring = new LogRing();
    for (let index = 0; index < 2500; index++) ring.write(`${index}\n`);
    const lines = ring.text().trimEnd().split('\n');
    expect([lines.length, lines[0], lines.at(-1), ring.dropped]).toEqual([2000, '500', '2499', 500]);
  });

  it('keeps no more than 400,000 characters, even of one line', () => {
    const ring = new LogRing();
    for (let index = 0; index < 9; index++) ring.write('x'.repeat(100_000));
    expect([ring.text().length, ring.dropped]).toEqual([400_000, 5]);
    ring.write('y'.repeat(500_000));
    expect(ring.text()).toBe('');
  });
});
