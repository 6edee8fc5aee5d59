import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { iou, type Box } from '@headcount/shared';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnnxGraph, ElementType } from '../../scripts/lib/model/onnx-file.js';
import type { Frame, Rect, YuvImage } from '../src/camera/frame.js';
import type { Detector } from '../src/detector/detector.js';
import { createDetector } from '../src/detector/onnx-detector.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const MODEL = here('../models/person-detector.onnx');
const CLIP = here('../../.cache/vtest.avi');
const YOLOX = here('../../../shared/models/yolox_nano.onnx');
const TRUTH = here('../../../shared/truth/vtest-boxes.csv');
const SIZE = 416;
const CLIP_SIZE = { width: 768, height: 576 };
const FRAME_BYTES = (SIZE * SIZE * 3) / 2;
const logger = pino({ level: 'silent' });

/** Published boxes per frame number (from 1), in pixels of the clip. */
function readTruth(): Map<number, Box[]> {
  const frames = new Map<number, Box[]>();
  for (const row of readFileSync(TRUTH, 'utf8').trim().split('\n').slice(1)) {
    const [frame = 0, , x = 0, y = 0, w = 0, h = 0] = row.split(',').map(Number);
    frames.set(frame, [...(frames.get(frame) ?? []), { x, y, w, h }]);
  }
  return frames;
}

/** Every frame of the clip as the model wants it, packed I420. */
function decodeClip(scale = `scale=${SIZE}:${SIZE}`): Uint8Array {
  const filters = ['-vf', `${scale}:flags=bilinear:out_range=tv,format=yuv420p`, '-fps_mode', 'passthrough'];
  return execFileSync('ffmpeg', ['-v', 'error', '-i', CLIP, ...filters, '-f', 'rawvideo', '-'], {
    maxBuffer: 2 ** 30,
  });
}

function imageOf(data: Uint8Array): YuvImage {
  const pixels = SIZE * SIZE;
  const plane = (from: number, length: number) => data.subarray(from, from + length);
  const [y, u, v] = [plane(0, pixels), plane(pixels, pixels / 4), plane(pixels * 1.25, pixels / 4)];
  return { y, u, v, width: SIZE, height: SIZE, strideY: SIZE, strideUv: SIZE / 2 };
}

function frameOf(pixels: Uint8Array, number: number, area: Rect = { x: 0, y: 0, w: 768, h: 576 }): Frame {
  const picture = imageOf(pixels.subarray((number - 1) * FRAME_BYTES, number * FRAME_BYTES));
  const views = [{ image: picture, area }];
  return { picture, views, ...CLIP_SIZE, number, at: number * 100, release: () => undefined };
}

/** Greedy matching, best overlap first, at IoU 0.5. */
function matches(found: readonly Box[], truth: readonly Box[]): number {
  const pairs = found
    .flatMap((box, index) => truth.map((target, other) => ({ index, other, overlap: iou(box, target) })))
    .filter(({ overlap }) => overlap >= 0.5)
    .sort((a, b) => b.overlap - a.overlap);
  const used = { found: new Set<number>(), truth: new Set<number>() };
  for (const { index, other } of pairs) {
    if (used.found.has(index) || used.truth.has(other)) continue;
    used.found.add(index);
    used.truth.add(other);
  }
  return used.found.size;
}

const hasTruth = existsSync(TRUTH);
if (!hasTruth)
  process.stdout.write(`the ground truth ${TRUTH} is missing: recall and precision are not tested\n`);

/** Recall and precision over the annotated frames at score 0.5, IoU 0.5. */
async function measure(model: string, pixels: Uint8Array, area?: Rect): Promise<[number, number]> {
  const detector = await createDetector({ model, family: 'auto', threads: 2, threshold: 0.5, logger });
  const sum = { found: 0, truth: 0, right: 0 };
  for (const [number, truth] of readTruth()) {
    const found = (await detector.detect(frameOf(pixels, number, area))).map(({ box }) => box);
    sum.found += found.length;
    sum.truth += truth.length;
    sum.right += matches(found, truth);
  }
  await detector.close();
  const [recall, precision] = [sum.right / sum.truth, sum.right / sum.found];
  process.stdout.write(
    `${detector.family}: recall ${recall.toFixed(3)}, precision ${precision.toFixed(3)}\n`,
  );
  return [recall, precision];
}

describe.skipIf(!hasTruth)('on the clip (skipped without ../shared/truth)', () => {
  it('the default model finds at least 90 % of the people with at least 95 % precision', async () => {
    const [recall, precision] = await measure(MODEL, decodeClip());
    expect(recall).toBeGreaterThanOrEqual(0.9);
    expect(precision).toBeGreaterThanOrEqual(0.95);
  });

  it('a model that a user brings (YOLOX-nano) works without being told what it is', async () => {
    const letterbox = decodeClip(
      `scale=${SIZE}:312,pad=${SIZE}:${SIZE}:0:0:color=0x727272,scale=${SIZE}:${SIZE}`,
    );
    const [recall, precision] = await measure(YOLOX, letterbox, { x: 0, y: 0, w: 768, h: 768 });
    expect(recall).toBeGreaterThanOrEqual(0.7);
    expect(precision).toBeGreaterThanOrEqual(0.8);
  });
});

describe('the detector', () => {
  let detector: Detector;
  let pixels: Uint8Array;
  beforeAll(async () => {
    detector = await createDetector({ model: MODEL, family: 'auto', threads: 1, threshold: 0.5, logger });
    pixels = decodeClip();
  });
  afterAll(() => detector.close());

  it('serves several cameras at once and gives each its own answer', async () => {
    const numbers = [1, 200, 400];
    const alone = [];
    for (const number of numbers) alone.push(await detector.detect(frameOf(pixels, number)));
    const together = await Promise.all(numbers.map((number) => detector.detect(frameOf(pixels, number))));
    expect(together).toEqual(alone);
    expect(new Set(together.map(({ length }) => length)).size).toBeGreaterThan(1);
  });

  it('reads rows with a stride', async () => {
    const plain = frameOf(pixels, 300);
    const pad = (plane: Uint8Array, width: number) => {
      const wide = new Uint8Array((plane.length / width) * (width + 32));
      for (let row = 0; row < plane.length / width; row++)
        wide.set(plane.subarray(row * width, (row + 1) * width), row * (width + 32));
      return wide;
    };
    const { y, u, v } = plain.picture;
    const planes = { y: pad(y, SIZE), u: pad(u, SIZE / 2), v: pad(v, SIZE / 2) };
    const image = { ...plain.picture, ...planes, strideY: SIZE + 32, strideUv: SIZE / 2 + 32 };
    const strided = { ...plain, views: plain.views.map((view) => ({ ...view, image })) };
    expect(await detector.detect(strided)).toEqual(await detector.detect(plain));
  });

  it('finds the same people in a frame of two views, each once', async () => {
    const plain = frameOf(pixels, 300);
    const twice = { ...plain, views: [...plain.views, ...plain.views] };
    expect(await detector.detect(twice)).toEqual(await detector.detect(plain));
  });

  it('finds nobody in a black picture', async () => {
    expect(
      await detector.detect(
        frameOf(new Uint8Array(FRAME_BYTES).fill(16, 0, SIZE * SIZE).fill(128, SIZE * SIZE), 1),
      ),
    ).toEqual([]);
  });

  it('carries its origin in the file', () => {
    const text = readFileSync(MODEL).toString('latin1');
    for (const word of ['nanodet', 'sourceSha256', 'Apache-2.0', 'human 1.7.1']) expect(text).toContain(word);
    expect(detector.modelHash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a model that cannot be used', () => {
  const create = (model: string) =>
    createDetector({ model, family: 'auto', threads: 1, threshold: 0.5, logger });

  it('is named when it is missing', async () => {
    await expect(create('/nowhere/model.onnx')).rejects.toThrow(
      /\/nowhere\/model.onnx cannot be read; build it with/,
    );
  });

  it('is named when it is no model', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'headcount-model-')), 'broken.onnx');
    writeFileSync(file, 'not a model');
    await expect(create(file)).rejects.toMatchObject({
      name: 'DetectorError',
      message: expect.stringContaining(file) as string,
    });
  });

  it('is refused when it is of another family than configured', async () => {
    const options = { model: MODEL, threads: 1, threshold: 0.5, logger } as const;
    await expect(createDetector({ ...options, family: 'yolox' })).rejects.toThrow(
      /it should be yolox, but its outputs .*"scores" float32 3549 are those of nanodet/,
    );
  });

  it.each([
    ['an input that is no picture', [1, 416], 'its input is "image" float32 1x416'],
    ['an input of an odd size', [1, 3, 100, 100], 'is no multiple of 32 pixels'],
  ])('is refused with %s', async (_, shape, problem) => {
    await expect(create(constantModel({ shape, metadata: {} }))).rejects.toThrow(problem);
  });

  it('is refused when it knows no people', async () => {
    const metadata = { names: "{0: 'cat', 1: 'dog'}" };
    await expect(create(constantModel({ metadata }))).rejects.toThrow('none that is called "person"');
  });

  it('is refused after close', async () => {
    const detector = await create(MODEL);
    await detector.close();
    await expect(detector.detect(frameOf(new Uint8Array(FRAME_BYTES), 1))).rejects.toThrow(
      'the detector is closed',
    );
  });
});

/** A model of YOLOv8's shape that finds one person (class 1) at 100..140, 200..300, whatever it sees. */
function constantModel({
  shape = [1, 3, SIZE, SIZE],
  metadata = {},
}: {
  shape?: number[];
  metadata?: Record<string, string>;
}): string {
  const cells = (SIZE / 8) ** 2 + (SIZE / 16) ** 2 + (SIZE / 32) ** 2;
  const answer = new Float32Array(6 * cells);
  [120, 250, 40, 100, 0, 0.9].forEach((value, row) => (answer[row * cells + 7] = value));
  const graph = new OnnxGraph();
  graph.add('ReduceMin', ['image'], 'least', { keepdims: 0 });
  graph.add('Mul', ['least', graph.constant('zero', Float32Array.from([0]), [1])], 'nothing');
  graph.add('Add', ['nothing', graph.constant('answer', answer, [1, 6, cells])], 'output0');
  const file = join(mkdtempSync(join(tmpdir(), 'headcount-model-')), 'constant.onnx');
  const bytes = graph.encode({
    inputs: [{ name: 'image', shape, type: ElementType.float }],
    outputs: [{ name: 'output0', shape: [1, 6, cells], type: ElementType.float }],
    metadata,
  });
  writeFileSync(file, bytes);
  return file;
}

it('reads a YOLOv8 head, with the person class by its name', async () => {
  const model = constantModel({ metadata: { names: "{0: 'dog', 1: 'person'}" } });
  const detector = await createDetector({ model, family: 'auto', threads: 1, threshold: 0.5, logger });
  expect([detector.family, detector.input.fit]).toEqual(['yolov8', 'letterbox']);
  const found = await detector.detect(
    frameOf(new Uint8Array(FRAME_BYTES), 1, { x: 10, y: 0, w: 832, h: 832 }),
  );
  expect(found).toEqual([
    { box: { x: 210, y: 400, w: 80, h: 200 }, score: expect.closeTo(0.9, 5) as number },
  ]);
  await detector.close();
});
