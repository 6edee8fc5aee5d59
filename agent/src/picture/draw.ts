import sharp, { type Sharp } from 'sharp';
import type { YuvImage } from '../camera/frame.js';
import { toRgb } from '../detector/pixels.js';
import type { Track } from '../tracker/track.js';
import { overlaySvg, type Overlay } from './overlay.js';
import { pixelate } from './pixelate.js';

/** Good enough to recognise a wrong box, small enough for a phone: about 60 kB. */
const JPEG_QUALITY = 75;

/**
 * A JPEG of the picture with boxes, track ids, lines and counts. The image is copied before the first await, so the
 * frame may be released as soon as the promise is there.
 * @param people what to show of them: `clear` for evaluation, `pixelated` for everybody else
 */
export async function drawPicture(
  image: YuvImage,
  overlay: Overlay,
  people: 'clear' | 'pixelated',
): Promise<Buffer> {
  return picture(image, overlay, people === 'clear' ? [] : overlay.tracks)
    .composite([{ input: Buffer.from(overlaySvg(overlay)) }])
    .toBuffer();
}

/** A JPEG of the picture with nothing but pixelated people, to draw lines on. */
export async function plainPicture(
  image: YuvImage,
  size: { readonly width: number; readonly height: number },
  tracks: readonly Track[],
): Promise<Buffer> {
  return picture(image, size, tracks).toBuffer();
}

function picture(
  image: YuvImage,
  { width, height }: { readonly width: number; readonly height: number },
  hidden: readonly Track[],
): Sharp {
  const rgb = toRgb(image);
  const [across, down] = [image.width / width, image.height / height];
  const boxes = hidden.map(({ box: { x, y, w, h } }) => ({
    x: x * across,
    y: y * down,
    w: w * across,
    h: h * down,
  }));
  pixelate(rgb, image, boxes);
  return sharp(rgb, { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize(width, height, { fit: 'fill' })
    .jpeg({ quality: JPEG_QUALITY });
}
