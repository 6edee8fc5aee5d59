import type { YuvImage } from '../camera/frame.js';
import type { Family } from './families.js';

/** Limited-range YUV to RGB 0..255 by ITU-R BT.601; rows R, G, B, columns Y - 16, U - 128, V - 128. */
const YUV_TO_RGB = [
  [1.164, 0, 1.596],
  [1.164, -0.392, -0.813],
  [1.164, 2.017, 0],
] as const;

const LUMA_FACTOR = YUV_TO_RGB[0][0];
/** More luma steps than chroma can add: 128 * 2.017 / 1.164 = 222. */
const TABLE_MIDDLE = 256;

/** Bytes of a packed I420 image. */
export function packedBytes({ width, height }: { width: number; height: number }): number {
  return (width * height * 3) / 2;
}

/** Copy an image's planes without gaps: Y, then U, then V. */
export function packImage(image: YuvImage, target: Uint8Array): void {
  const { y, u, v, width, height, strideY, strideUv } = image;
  const pixels = width * height;
  const half = { width: width / 2, rows: height / 2, stride: strideUv };
  copyPlane(y, { width, rows: height, stride: strideY }, target);
  copyPlane(u, half, target.subarray(pixels));
  copyPlane(v, half, target.subarray(pixels * 1.25));
}

/**
 * Writes the floats that a family wants from packed I420 bytes; made once per model, because its tables are. A colour is
 * its luma moved by what the chroma adds, so one table per channel holds every float that can come out, clamped: without
 * clamping the model finds fewer people (half a point of recall and one of precision on the demo clip). Whole luma steps
 * suffice, as in any eight-bit RGB picture. Looking floats up as their bits costs a third of computing them.
 */
export function createConverter(
  { order, mean, std }: Pick<Family, 'order' | 'mean' | 'std'>,
  { width, height }: { width: number; height: number },
): (packed: Uint8Array, target: Float32Array) => void {
  const pixels = width * height;
  const [red, green, blue] = order === 'rgb' ? ([0, 1, 2] as const) : ([2, 1, 0] as const);
  const table = (place: 0 | 1 | 2) => floatBits(mean[place], 1 / std[place]);
  const [redBits, greenBits, blueBits] = [table(red), table(green), table(blue)];
  const [[, , redV], [, greenU, greenV], [, blueU]] = YUV_TO_RGB;
  const [addRed, addBlue] = [lumaSteps(redV), lumaSteps(blueU)];
  const [addGreenU, addGreenV] = [lumaSteps(greenU), lumaSteps(greenV)];
  return (packed, target) => {
    const plane = (place: number) =>
      new Int32Array(target.buffer, target.byteOffset + 4 * place * pixels, pixels);
    const [toRed, toGreen, toBlue] = [plane(red), plane(green), plane(blue)];
    let chroma = pixels;
    for (let top = 0; top < pixels; top += 2 * width) {
      for (let left = top; left < top + width; left += 2, chroma++) {
        // Chroma is the same for two by two pixels.
        const u = packed[chroma] as number;
        const v = packed[chroma + pixels / 4] as number;
        const r = TABLE_MIDDLE + (addRed[v] as number);
        const g = TABLE_MIDDLE + (addGreenU[u] as number) + (addGreenV[v] as number);
        const b = TABLE_MIDDLE + (addBlue[u] as number);
        for (let at = left; at <= left + width; at += width) {
          const [first, second] = [packed[at] as number, packed[at + 1] as number];
          toRed[at] = redBits[first + r] as number;
          toRed[at + 1] = redBits[second + r] as number;
          toGreen[at] = greenBits[first + g] as number;
          toGreen[at + 1] = greenBits[second + g] as number;
          toBlue[at] = blueBits[first + b] as number;
          toBlue[at + 1] = blueBits[second + b] as number;
        }
      }
    }
  };
}

/** What a chroma byte adds to a colour, in steps of luma. */
function lumaSteps(factor: number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, chroma) => Math.round((factor * (chroma - 128)) / LUMA_FACTOR));
}

/** The bits of a channel's float for every luma that chroma can move a pixel to, from -TABLE_MIDDLE on. */
function floatBits(mean: number, scale: number): Int32Array {
  const floats = Float32Array.from({ length: 256 + 2 * TABLE_MIDDLE }, (_, index) => {
    const colour = LUMA_FACTOR * (index - TABLE_MIDDLE - 16);
    return (Math.min(255, Math.max(0, colour)) - mean) * scale;
  });
  return new Int32Array(floats.buffer);
}

/** Interleaved RGB24 bytes of an image, `width * height * 3`: for drawing, not for the model. */
export function toRgb(image: YuvImage): Uint8Array {
  const { width, height } = image;
  const packed = new Uint8Array(packedBytes(image));
  packImage(image, packed);
  const planar = new Float32Array(width * height * 3);
  createConverter({ order: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] }, image)(packed, planar);
  const pixels = width * height;
  const rgb = new Uint8ClampedArray(pixels * 3);
  for (let index = 0; index < pixels; index++) {
    for (let channel = 0; channel < 3; channel++)
      rgb[index * 3 + channel] = planar[channel * pixels + index] ?? 0;
  }
  return new Uint8Array(rgb.buffer);
}

function copyPlane(
  plane: Uint8Array,
  { width, rows, stride }: { width: number; rows: number; stride: number },
  target: Uint8Array,
): void {
  if (stride === width) {
    target.set(plane.subarray(0, width * rows));
    return;
  }
  for (let row = 0; row < rows; row++)
    target.set(plane.subarray(row * stride, row * stride + width), row * width);
}
