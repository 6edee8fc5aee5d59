import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Converter } from './converter.js';

const WIDTH = 16;
const HEIGHT = 4;
const PIXELS = WIDTH * HEIGHT;
const FAMILY = { order: 'bgr', mean: [103.53, 116.28, 123.675], std: [57.375, 57.12, 58.395] } as const;

/** ITU-R BT.601, limited range, written out for one pixel: blue, green, red. */
function colours(y: number, u: number, v: number): number[] {
  const luma = 1.164 * (y - 16);
  return [
    luma + 2.017 * (u - 128),
    luma - 0.392 * (u - 128) - 0.813 * (v - 128),
    luma + 1.596 * (v - 128),
  ].map((value) => Math.min(255, Math.max(0, value)));
}

describe('the conversion of pixels', () => {
  it('gives every pixel the floats of its luma and of the chroma of its two by two', () => {
    const converter = new Converter(FAMILY, { width: WIDTH, height: HEIGHT });
    const picture = fc.uint8Array({ minLength: PIXELS * 1.5, maxLength: PIXELS * 1.5 });
    fc.assert(
      fc.property(picture, (packed) => {
        converter.convert(packed);
        for (let at = 0; at < PIXELS; at++) {
          const [row, column] = [Math.floor(at / WIDTH), at % WIDTH];
          const chroma = PIXELS + (row >> 1) * (WIDTH / 2) + (column >> 1);
          const [y = 0, u = 0, v = 0] = [packed[at], packed[chroma], packed[chroma + PIXELS / 4]];
          colours(y, u, v).forEach((colour, channel) => {
            const wanted = (colour - (FAMILY.mean[channel] ?? 0)) / (FAMILY.std[channel] ?? 1);
            expect(converter.floats[channel * PIXELS + at]).toBeCloseTo(wanted, 4);
          });
        }
      }),
      { numRuns: 50 },
    );
  });

  it('keeps red first where a family wants it', () => {
    const family = { order: 'rgb', mean: [0, 0, 0], std: [255, 255, 255] } as const;
    const converter = new Converter(family, { width: WIDTH, height: HEIGHT });
    const packed = new Uint8Array(PIXELS * 1.5).fill(128);
    packed.fill(240, PIXELS * 1.25);
    converter.convert(packed);
    expect(converter.floats[0]).toBe(1);
    expect(converter.floats[2 * PIXELS]).toBeCloseTo((1.164 * 112) / 255, 5);
  });

  it('refuses a size that its vectors do not divide', () => {
    expect(() => new Converter(FAMILY, { width: 12, height: 4 })).toThrow(/multiple of 8/);
  });
});
