import type { YuvImage } from '../camera/frame.js';

/** Limited-range YUV to RGB 0..255 by ITU-R BT.601; rows R, G, B, columns Y - 16, U - 128, V - 128. */
export const YUV_TO_RGB = [
  [1.164, 0, 1.596],
  [1.164, -0.392, -0.813],
  [1.164, 2.017, 0],
] as const;

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

/** Interleaved RGB24 bytes of an image, `width * height * 3`: for drawing, not for the model. */
export function toRgb({ y, u, v, width, height, strideY, strideUv }: YuvImage): Uint8Array {
  const [[luma, , redV], [, greenU, greenV], [, blueU]] = YUV_TO_RGB;
  // Clamped when written.
  const rgb = new Uint8ClampedArray(width * height * 3);
  let to = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const chroma = (row >> 1) * strideUv + (column >> 1);
      const bright = luma * ((y[row * strideY + column] as number) - 16);
      const blueness = (u[chroma] as number) - 128;
      const redness = (v[chroma] as number) - 128;
      rgb[to++] = bright + redV * redness;
      rgb[to++] = bright + greenU * blueness + greenV * redness;
      rgb[to++] = bright + blueU * blueness;
    }
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
