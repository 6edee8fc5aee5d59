import { describe, expect, it } from 'vitest';
import type { Frame } from '../camera/frame.js';
import { layoutOf, WHOLE_PICTURE, type Layout } from './layout.js';
import type { PrivacyMask } from './privacy-mask.js';
import { Y4mReader } from './y4m-reader.js';

const INPUT = { width: 4, height: 2, fit: 'stretch' } as const;
const WHOLE = layoutOf(WHOLE_PICTURE, INPUT);
const HEADER = Buffer.from('YUV4MPEG2 W4 H2 F10:1 Ip A3:2 C420jpeg\n');

/** One frame of a stream whose bytes count up from `first`. */
function frameBytes(first = 0, bytes = 12): Buffer {
  const planes = Buffer.from(Array.from({ length: bytes }, (_, index) => (first + index) % 256));
  return Buffer.concat([Buffer.from('FRAME\n'), planes]);
}

function reader(
  pace: 'newest' | 'every',
  onFrame: (frame: Frame) => void,
  change: { layout?: Layout; mask?: PrivacyMask } = {},
): Y4mReader {
  return new Y4mReader({ layout: WHOLE, mask: [], pace, monotonic: () => 5, onFrame, ...change });
}

async function feed(target: Y4mReader, bytes: Buffer, chunk: number): Promise<void> {
  for (let offset = 0; offset < bytes.length; offset += chunk) {
    await new Promise<void>((resolve, reject) => {
      target.read(bytes.subarray(offset, offset + chunk), (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }
}

describe('the reader of frames', () => {
  it.each([1, 7, 16, 1000])('cuts frames whatever the pipe does: chunks of %i bytes', async (chunk) => {
    const frames: unknown[] = [];
    const target = reader('newest', (frame) => {
      const { picture, width, height, number } = frame;
      frames.push({ y: [...picture.y], u: [...picture.u], v: [...picture.v], width, height, number });
      frame.release();
    });
    await feed(target, Buffer.concat([HEADER, frameBytes(), frameBytes(100)]), chunk);
    expect(frames).toEqual([
      { y: [0, 1, 2, 3, 4, 5, 6, 7], u: [8, 9], v: [10, 11], width: 6, height: 2, number: 1 },
      {
        y: [100, 101, 102, 103, 104, 105, 106, 107],
        u: [108, 109],
        v: [110, 111],
        width: 6,
        height: 2,
        number: 2,
      },
    ]);
  });

  it('reuses its buffers', async () => {
    const buffers = new Set<ArrayBufferLike>();
    const target = reader('newest', (frame) => {
      buffers.add(frame.picture.y.buffer);
      frame.release();
      frame.release();
    });
    await feed(target, HEADER, 64);
    for (let index = 0; index < 20; index++) await feed(target, frameBytes(), 64);
    expect(buffers.size).toBe(1);
  });

  it('drops and counts frames while every buffer is held, and goes on afterwards', async () => {
    const held: Frame[] = [];
    const target = reader('newest', (frame) => held.push(frame));
    await feed(target, HEADER, 64);
    for (let index = 0; index < 7; index++) await feed(target, frameBytes(), 64);
    expect([held.length, target.skipped]).toEqual([4, 3]);
    held[0]?.release();
    await feed(target, frameBytes(), 64);
    expect(held.at(-1)?.number).toBe(8);
  });

  it('waits instead when every frame is wanted', async () => {
    const held: Frame[] = [];
    const target = reader('every', (frame) => held.push(frame));
    const fed = feed(
      target,
      Buffer.concat([HEADER, ...[0, 1, 2, 3, 4, 5].map((first) => frameBytes(first))]),
      64,
    );
    await new Promise(setImmediate);
    expect(held).toHaveLength(4);
    while (held.length < 6) {
      held[held.length - 4]?.release();
      await new Promise(setImmediate);
    }
    await fed;
    expect(held.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(target.skipped).toBe(0);
  });

  it.each([
    ['an image of another kind', 'P6\n4 2\n255\n'],
    ['another chroma format', 'YUV4MPEG2 W4 H2 F10:1 Ip A1:1 C444\n'],
    [
      'frames of a size that nobody asked for',
      'YUV4MPEG2 W8 H2 F10:1 Ip A1:1 C420\nFRAME\n' + 'x'.repeat(24),
    ],
  ])('refuses %s', async (_, text) => {
    const target = reader('newest', () => undefined);
    await expect(feed(target, Buffer.from(text), 64)).rejects.toThrow('ffmpeg sent');
  });
});

describe('a camera with tiles', () => {
  const camera = { region: { from: [0.5, 0], to: [1, 1] }, tiles: '2x1' } as const;
  const layout = layoutOf(
    { ...camera, region: { from: [...camera.region.from], to: [...camera.region.to] } },
    { width: 576, height: 2, fit: 'stretch' },
  );

  it('has its picture above one image per tile, and says what each shows', async () => {
    const frames: Frame[] = [];
    const target = reader('newest', (frame) => frames.push(frame), { layout });
    await feed(target, Buffer.from('YUV4MPEG2 W576 H8 F10:1 Ip A1:1 C420jpeg\n'), 64);
    await feed(target, frameBytes(0, 576 * 8 * 1.5), 1000);
    const [frame] = frames;
    expect([frame?.width, frame?.height, frame?.views.length]).toEqual([576, 4, 2]);
    const [left, right] = frame?.views ?? [];
    expect(left?.area).toMatchObject({ x: 288, y: 0, h: 4 });
    expect((left?.area.x ?? 0) + (left?.area.w ?? 0)).toBeGreaterThan(right?.area.x ?? Infinity);
    expect((right?.area.x ?? 0) + (right?.area.w ?? 0)).toBeCloseTo(576);
    expect(left?.image.y[0]).toBe((576 * 4) % 256);
    expect(right?.image.v[0]).toBe((576 * 8 + (576 * 8) / 4 + 288 * 3) % 256);
  });
});

describe('a privacy mask', () => {
  const LEFT_HALF: PrivacyMask = [
    [
      [0, 0],
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ],
  ];

  it('is black before anybody gets the frame, in luma and in colour', async () => {
    const frames: Frame[] = [];
    const target = reader('newest', (frame) => frames.push(frame), { mask: LEFT_HALF });
    await feed(target, Buffer.concat([HEADER, frameBytes(50)]), 64);
    expect([...(frames[0]?.picture.y ?? [])]).toEqual([16, 16, 52, 53, 16, 16, 56, 57]);
    expect([...(frames[0]?.picture.u ?? [])]).toEqual([128, 59]);
    expect([...(frames[0]?.picture.v ?? [])]).toEqual([128, 61]);
  });
});
