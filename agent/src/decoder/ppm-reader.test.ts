import { describe, expect, it } from 'vitest';
import type { Frame } from '../camera/frame.js';
import { PpmReader } from './ppm-reader.js';

const INPUT = { width: 2, height: 2 };

/** A PPM image of the given size whose bytes count up from `first`. */
function image(width: number, height: number, first = 0): Buffer {
  const pixels = Buffer.from(Array.from({ length: width * height * 3 }, (_, index) => (first + index) % 256));
  return Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), pixels]);
}

function reader(pace: 'newest' | 'every', onFrame: (frame: Frame) => void): PpmReader {
  return new PpmReader({ input: INPUT, pace, monotonic: () => 5, onFrame });
}

async function feed(target: PpmReader, bytes: Buffer, chunk: number): Promise<void> {
  for (let offset = 0; offset < bytes.length; offset += chunk) {
    await new Promise<void>((resolve, reject) => {
      target.write(bytes.subarray(offset, offset + chunk), (error) => (error ? reject(error) : resolve()));
    });
  }
}

describe('the reader of stacked images', () => {
  it.each([1, 7, 16, 1000])('cuts frames whatever the pipe does: chunks of %i bytes', async (chunk) => {
    const frames: { picture: number[]; rows: number[][]; number: number }[] = [];
    const target = reader('newest', (frame) => {
      const { data, stride } = frame.input;
      const rows = [0, 1].map((row) => [...data.subarray(row * stride, row * stride + INPUT.width * 3)]);
      frames.push({ picture: [...frame.picture], rows, number: frame.number });
      frame.release();
    });
    await feed(target, Buffer.concat([image(3, 3), image(3, 3, 100)]), chunk);
    expect(frames).toEqual([
      {
        picture: [0, 1, 2, 3, 4, 5, 6, 7, 8],
        rows: [
          [9, 10, 11, 12, 13, 14],
          [18, 19, 20, 21, 22, 23],
        ],
        number: 1,
      },
      {
        picture: [100, 101, 102, 103, 104, 105, 106, 107, 108],
        rows: [
          [109, 110, 111, 112, 113, 114],
          [118, 119, 120, 121, 122, 123],
        ],
        number: 2,
      },
    ]);
  });

  it('reuses its buffers', async () => {
    const buffers = new Set<ArrayBufferLike>();
    const target = reader('newest', (frame) => {
      buffers.add(frame.picture.buffer);
      frame.release();
      frame.release();
    });
    for (let index = 0; index < 20; index++) await feed(target, image(3, 3), 64);
    expect(buffers.size).toBe(1);
  });

  it('drops and counts frames while every buffer is held, and goes on afterwards', async () => {
    const held: Frame[] = [];
    const target = reader('newest', (frame) => held.push(frame));
    for (let index = 0; index < 7; index++) await feed(target, image(3, 3), 64);
    expect([held.length, target.skipped]).toEqual([4, 3]);
    held[0]?.release();
    await feed(target, image(3, 3), 64);
    expect(held.at(-1)?.number).toBe(8);
  });

  it('waits instead when every frame is wanted', () => {
    const held: Frame[] = [];
    const target = reader('every', (frame) => held.push(frame));
    for (let index = 0; index < 6; index++) target.write(image(3, 3, index));
    expect(held).toHaveLength(4);
    while (held.length < 6) held[held.length - 4]?.release();
    expect(held.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(target.skipped).toBe(0);
  });

  it('follows a camera that changes its resolution', async () => {
    const sizes: string[] = [];
    const target = reader('newest', (frame) => {
      sizes.push(`${frame.width}x${frame.height}`);
      frame.release();
    });
    await feed(target, Buffer.concat([image(3, 3), image(5, 6), image(3, 3)]), 10);
    expect(sizes).toEqual(['3x1', '5x4', '3x1']);
  });

  it('refuses what is no PPM image', async () => {
    const target = reader('newest', () => undefined);
    target.on('error', () => undefined);
    await expect(feed(target, Buffer.from('P5\n3 3\n255\n'), 64)).rejects.toThrow('no PPM image');
  });
});
