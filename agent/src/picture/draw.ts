import sharp from 'sharp';
import { overlaySvg, type Overlay } from './overlay.js';

/** Good enough to recognise a wrong box, small enough for a phone: about 60 kB. */
const JPEG_QUALITY = 75;

/**
 * A JPEG of the picture with boxes, track ids, lines and counts.
 * @param pixels RGB24, `width * height * 3` bytes; read on another thread, so they must not change until the promise
 *   settles: pass a copy of pooled memory
 */
export async function drawPicture(pixels: Uint8Array, overlay: Overlay): Promise<Buffer> {
  const { width, height } = overlay;
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(overlaySvg(overlay)) }])
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
}
