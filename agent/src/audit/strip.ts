import { setImmediate } from 'node:timers/promises';
import type { Box } from '@headcount/shared';
import sharp from 'sharp';
import type { YuvImage } from '../camera/frame.js';
import { toRgb } from '../detector/pixels.js';
import { pixelate } from '../picture/pixelate.js';
import { movingBlocks } from './moving-blocks.js';
import { clipSize, shrink } from './shrink.js';

/** One picture of a clip, still in the clear: only in memory, and only for some seconds. */
export interface ClipFrame {
  /** UTC ms. */
  readonly at: number;
  readonly picture: YuvImage;
  /** The plane in which people lie, whatever the picture's own shape (pixels). */
  readonly width: number;
  readonly height: number;
  /** Where people are or might be. */
  readonly people: readonly Box[];
}

/** A clip as it is stored. */
export interface Strip {
  readonly jpeg: Buffer;
  /** Size of one picture of it (pixels). */
  readonly width: number;
  readonly height: number;
}

/** Good enough to see who goes where: about 6 kB a picture. */
const JPEG_QUALITY = 60;

/**
 * A clip as one JPEG with its pictures below each other, which every browser plays without a player. Whoever was seen,
 * and whatever moves, is a coarse mosaic. Other work gets its turn between two pictures.
 * @param frames of one size, at least one
 */
export async function encodeStrip(frames: readonly ClipFrame[]): Promise<Strip> {
  const size = clipSize(frames[0] ?? { width: 4, height: 3 });
  const images: YuvImage[] = [];
  for (const { picture } of frames) {
    await setImmediate();
    images.push(shrink(picture, size));
  }
  const moving = movingBlocks(images);
  const bytes = size.width * size.height * 3;
  const strip = new Uint8Array(bytes * frames.length);
  for (const [index, image] of images.entries()) {
    await setImmediate();
    const rgb = toRgb(image);
    pixelate(rgb, size, [...peopleIn(frames[index], size), ...(moving[index] ?? [])]);
    strip.set(rgb, index * bytes);
  }
  const raw = { width: size.width, height: size.height * frames.length, channels: 3 } as const;
  return { jpeg: await sharp(strip, { raw }).jpeg({ quality: JPEG_QUALITY }).toBuffer(), ...size };
}

/** People's boxes in pixels of the clip. */
function peopleIn(frame: ClipFrame | undefined, size: { width: number; height: number }): Box[] {
  if (frame === undefined) return [];
  const [across, down] = [size.width / frame.width, size.height / frame.height];
  return frame.people.map(({ x, y, w, h }) => ({
    x: x * across,
    y: y * down,
    w: w * across,
    h: h * down,
  }));
}
