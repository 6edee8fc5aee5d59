import { describe, expect, it } from 'vitest';
import { hourOf, Reservoir } from './reservoir.js';

/** A generator of the numerical recipes, so that every run draws the same. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('drawing clips', () => {
  it('takes everything while there is little', () => {
    const reservoir = new Reservoir({ size: 8, random: generator(1) });
    expect(Array.from({ length: 8 }, () => reservoir.draw(0))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('gives everything of an hour the same chance, however much comes', () => {
    const random = generator(7);
    const [rounds, size, things] = [4000, 4, 40];
    const kept = new Array<number>(things).fill(0);
    for (let round = 0; round < rounds; round++) {
      const reservoir = new Reservoir({ size, random });
      const places: number[] = [];
      for (let thing = 0; thing < things; thing++) {
        const place = reservoir.draw(0);
        if (place !== undefined) places[place] = thing;
      }
      for (const thing of places) kept[thing] = (kept[thing] ?? 0) + 1;
    }
    // Each is kept 400 times in the mean; five standard deviations of a binomial are 95.
    for (const times of kept) expect(Math.abs(times - (rounds * size) / things)).toBeLessThan(95);
  });

  it('says how many there were, begins again with the hour and goes on after a restart', () => {
    const reservoir = new Reservoir({ size: 2, random: () => 0.99 });
    const at = Date.UTC(2026, 10, 24, 9, 59);
    for (let clip = 0; clip < 5; clip++) reservoir.draw(at);
    expect(reservoir.drawn).toEqual({ hour: hourOf(at), kept: 2, of: 5 });
    const again = new Reservoir({ size: 2, random: () => 0.99 });
    again.resume(hourOf(at), 5);
    expect(again.draw(at)).toBeUndefined();
    expect(again.drawn.of).toBe(6);
    expect(again.draw(at + 60_000)).toBe(0);
    expect(again.drawn).toEqual({ hour: hourOf(at) + 1, kept: 1, of: 1 });
  });
});
