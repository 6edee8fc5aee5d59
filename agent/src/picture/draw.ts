import sharp from 'sharp';
import type { YuvImage } from '../camera/frame.js';
import { toRgb } from '../detector/pixels.js';
import { overlaySvg, type Overlay } from './overlay.js';

/** Good enough to recognise a wrong box, small enough for a phone: about 60 kB. */
const JPEG_QUALITY = 75;

/**
 * A JPEG of the picture with boxes, track ids, lines and counts. The image is copied before the first await, so the
 * frame may be released as soon as the promise is there.
 */
export async function drawPicture(image: YuvImage, overlay: Overlay): Promise<Buffer> {
  const { width, height } = overlay;
  return sharp(toRgb(image), { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize(width, height, { fit: 'fill' })
    .composite([{ input: Buffer.from(overlaySvg(overlay)) }])
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
}
