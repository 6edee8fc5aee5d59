import { setImmediate } from 'node:timers/promises';
import type { Box } from '@headcount/shared';
import sharp from 'sharp';
import type { YuvImage } from '../camera/frame.js';
import { toRgb } from '../detector/pixels.js';
import { pixelate } from '../picture/pixelate.js';
import { movingBlocks } from './moving-blocks.js';

/** One picture of a clip, still in the clear: only in memory, and only for some seconds. */
export interface ClipFrame {
  /** UTC ms. */
  readonly at: number;
  readonly image: YuvImage;
  /** Where people are or might be, in pixels of the image. */
  readonly people: readonly Box[];
}

/** Good enough to see who goes where: about 6 kB a picture. */
const JPEG_QUALITY = 60;

/**
 * A clip as one JPEG with its pictures below each other, which every browser plays without a player. Whoever was seen,
 * and whatever moves, is a coarse mosaic. Other work gets its turn between two pictures.
 * @param frames of one size, at least one
 */
export async function encodeStrip(frames: readonly ClipFrame[]): Promise<Buffer> {
  const images = frames.map(({ image }) => image);
  const { width = 0, height = 0 } = images[0] ?? {};
  const moving = movingBlocks(images);
  const strip = new Uint8Array(width * height * 3 * frames.length);
  for (const [index, { image, people }] of frames.entries()) {
    await setImmediate();
    const rgb = toRgb(image);
    pixelate(rgb, image, [...people, ...(moving[index] ?? [])]);
    strip.set(rgb, index * width * height * 3);
  }
  return sharp(strip, { raw: { width, height: height * frames.length, channels: 3 } })
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
}
