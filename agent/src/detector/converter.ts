import { readFileSync } from 'node:fs';
import type { Family } from './families.js';
import { packedBytes, YUV_TO_RGB } from './pixels.js';

/** Built from agent/wasm; beside the compiled program, and found from the sources too. */
const MODULE = new URL('../../dist/wasm/i420-to-floats.wasm', import.meta.url);
const PAGE_BYTES = 65_536;
/** Where the coefficients lie, and where the picture begins: aligned for 16-byte vectors. */
const TABLE_AT = 16;
const PICTURE_AT = 64;

interface Exports {
  /** Places in memory of the picture, the coefficients and the planes of red, green and blue; then width and height. */
  readonly convert: (...args: readonly number[]) => void;
}

/**
 * Turns packed I420 into the floats that a family wants; made once per model. WebAssembly, because its vectors take half
 * the time of the fastest JavaScript. Colours are clamped to 0..255: without it the model finds fewer people (half a
 * point of recall and one of precision on the demo clip).
 */
export class Converter {
  /** 3 x height x width, in the order of the family's channels; written anew by every `convert`. */
  readonly floats: Float32Array;
  private readonly packed: Uint8Array;
  private readonly run: () => void;

  /** @param size of the model's input in pixels: a width that 8 divides, an even height */
  constructor(family: Pick<Family, 'order' | 'mean' | 'std'>, size: { width: number; height: number }) {
    const { width, height } = size;
    if (width % 8 !== 0 || height % 2 !== 0)
      throw new RangeError(`${width} x ${height}: the width must be a multiple of 8, the height of 2`);
    const pixels = width * height;
    const floatsAt = Math.ceil((PICTURE_AT + packedBytes(size)) / 16) * 16;
    const pages = Math.ceil((floatsAt + 12 * pixels) / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(MODULE)), {
      env: { memory },
    });
    const { convert } = instance.exports as Exports;
    const table = coefficients(family);
    new Float32Array(memory.buffer, TABLE_AT, table.length).set(table);
    this.packed = new Uint8Array(memory.buffer, PICTURE_AT, packedBytes(size));
    this.floats = new Float32Array(memory.buffer, floatsAt, 3 * pixels);
    const planes = places(family).map((place) => floatsAt + 4 * place * pixels);
    const [red = 0, green = 0, blue = 0] = planes;
    this.run = () => convert(PICTURE_AT, TABLE_AT, red, green, blue, width, height);
  }

  /** @param packed Y, then U, then V without gaps */
  convert(packed: Uint8Array): void {
    this.packed.set(packed);
    this.run();
  }
}

/** Which plane of the model's input holds red, green and blue. */
function places({ order }: Pick<Family, 'order'>): readonly (0 | 1 | 2)[] {
  return order === 'rgb' ? [0, 1, 2] : [2, 1, 0];
}

/** As agent/wasm/i420-to-floats.ts reads them. */
function coefficients({ order, mean, std }: Pick<Family, 'order' | 'mean' | 'std'>): number[] {
  const [[luma, , redV], [, greenU, greenV], [, blueU]] = YUV_TO_RGB;
  const channels = places({ order }).flatMap((place) => [1 / std[place], -mean[place] / std[place]]);
  return [luma, redV, greenU, greenV, blueU, ...channels];
}
