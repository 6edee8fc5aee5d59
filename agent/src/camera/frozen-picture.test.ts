import { describe, expect, it } from 'vitest';
import type { YuvImage } from './frame.js';
import { FrozenPicture } from './frozen-picture.js';

/** A picture of 416 x 416 with noise that `seed` decides. */
function picture(seed: number): YuvImage {
  const y = new Uint8Array(416 * 416);
  let value = seed + 1;
  for (let index = 0; index < y.length; index++) {
    value = Math.imul(value, 1664525) + 1013904223;
    y[index] = 100 + ((value >>> 28) & 3);
  }
  return { y, u: y, v: y, width: 416, height: 416, strideY: 416, strideUv: 208 };
}

/** See frames at 10 per second; gives the seconds after which the picture counts as frozen. */
function frozenAfter(frames: (index: number) => YuvImage, seconds: number): number | undefined {
  const frozen = new FrozenPicture();
  for (let index = 0; index < seconds * 10; index++)
    if (frozen.see(frames(index), index * 100)) return index / 10;
  return undefined;
}

describe('a picture', () => {
  const still = picture(0);
  const group = Array.from({ length: 30 }, (_, index) => picture(index));

  it('that repeats is frozen after twenty seconds', () => {
    expect(frozenAfter(() => still, 30)).toBe(20);
  });

  it('that repeats a group of pictures is frozen too', () => {
    expect(frozenAfter((index) => group[index % 30] ?? still, 30)).toBeCloseTo(22.9);
  });

  it('with the noise of a sensor is not', () => {
    expect(frozenAfter((index) => picture(index), 40)).toBeUndefined();
  });

  it('in which one small person moves is not', () => {
    const walker = (index: number): YuvImage => {
      const y = still.y.slice();
      const [left, top] = [(index * 2) % 400, 200];
      for (let row = top; row < top + 16; row++) y.fill(220, row * 416 + left, row * 416 + left + 8);
      return { ...still, y };
    };
    expect(frozenAfter(walker, 60)).toBeUndefined();
  });

  it('of a new stream begins anew', () => {
    const frozen = new FrozenPicture();
    frozen.see(still, 0);
    frozen.reset();
    expect(frozen.see(still, 25_000)).toBe(false);
  });
});
