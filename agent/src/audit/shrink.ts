import type { YuvImage } from '../camera/frame.js';

/** Width of an audit clip (pixels): people near a line are told apart, faces are not. */
const WIDTH = 320;

/** Size of the clip of a picture; even numbers, as I420 needs. */
export function clipSize(frame: { readonly width: number; readonly height: number }): {
  width: number;
  height: number;
} {
  return { width: WIDTH, height: 2 * Math.round((WIDTH * frame.height) / frame.width / 2) };
}

/** A small copy of a picture. */
export function shrink(image: YuvImage, { width, height }: { width: number; height: number }): YuvImage {
  const half = { width: width / 2, height: height / 2 };
  const from = { width: image.width / 2, height: image.height / 2, stride: image.strideUv };
  return {
    y: shrinkPlane(image.y, { ...image, stride: image.strideY }, { width, height }),
    u: shrinkPlane(image.u, from, half),
    v: shrinkPlane(image.v, from, half),
    width,
    height,
    strideY: width,
    strideUv: half.width,
  };
}

/** Takes the pixel in the middle of where each new one lies. */
function shrinkPlane(
  plane: Uint8Array,
  from: { readonly width: number; readonly height: number; readonly stride: number },
  to: { readonly width: number; readonly height: number },
): Uint8Array {
  const small = new Uint8Array(to.width * to.height);
  const columns = middles(from.width, to.width);
  const rows = middles(from.height, to.height);
  let at = 0;
  for (const row of rows) {
    const start = row * from.stride;
    for (const column of columns) small[at++] = plane[start + column] as number;
  }
  return small;
}

function middles(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to }, (_, index) => Math.floor(((index + 0.5) * from) / to));
}
