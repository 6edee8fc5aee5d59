import { describe, expect, it } from 'vitest';
import { pixelate } from './pixelate.js';

const SIZE = { width: 80, height: 60 };
const noise = () =>
  Uint8Array.from({ length: SIZE.width * SIZE.height * 3 }, (_, index) => (index * 7919) % 251);
const pixel = (rgb: Uint8Array, x: number, y: number) =>
  [...rgb.subarray((y * SIZE.width + x) * 3, (y * SIZE.width + x) * 3 + 3)].join();

describe('a pixelated person', () => {
  it('has few colours inside the box and around it, and leaves the rest alone', () => {
    const rgb = noise();
    pixelate(rgb, SIZE, [{ x: 20, y: 10, w: 20, h: 40 }]);
    const inside = new Set<string>();
    for (let y = 10; y < 50; y++) for (let x = 20; x < 40; x++) inside.add(pixel(rgb, x, y));
    expect(inside.size).toBeLessThan(50);
    expect(pixel(rgb, 19, 9)).not.toBe(pixel(noise(), 19, 9));
    for (const [x, y] of [
      [10, 30],
      [60, 30],
      [30, 2],
      [30, 58],
    ] as const)
      expect(pixel(rgb, x, y)).toBe(pixel(noise(), x, y));
  });

  it('may stand half outside the picture', () => {
    const rgb = noise();
    pixelate(rgb, SIZE, [
      { x: -10, y: -20, w: 20, h: 40 },
      { x: 75, y: 50, w: 30, h: 60 },
      { x: 200, y: 200, w: 9, h: 9 },
    ]);
    expect(pixel(rgb, 0, 0)).toBe(pixel(rgb, 1, 1));
    expect(pixel(rgb, 40, 30)).toBe(pixel(noise(), 40, 30));
  });
});
