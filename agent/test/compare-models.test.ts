import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readFrames } from '../../scripts/lib/model/clip-frames.js';
import { compareModels } from '../../scripts/lib/model/compare-models.js';
import { OnnxModel } from '../../scripts/lib/model/onnx-model.js';
import { RunningModel } from '../../scripts/lib/model/run-model.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** Not the demo clip's own size. */
const SIZE = { width: 640, height: 480 };

it('compares with a truth in pixels of the clip, whatever size the clip has', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-compare-'));
  const clip = join(folder, 'clip.mkv');
  const scale = `scale=${SIZE.width}:${SIZE.height}`;
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-ss',
    '20',
    '-i',
    here('../../.cache/vtest.avi'),
    '-vf',
    scale,
    '-frames:v',
    '3',
    '-c:v',
    'ffv1',
    clip,
  ]);
  const model = readFileSync(here('../models/person-detector.onnx'));
  const running = await RunningModel.open(model, new OnnxModel(model).metadata);
  const frames = await readFrames(clip, running.session.known.input, () => true);
  const rows: string[] = [];
  for (const frame of frames) {
    const people = await running.detect(frame, 0.5);
    people.forEach(({ x, y, w, h }, id) => {
      rows.push([frame.number, id, x, y, w, h].join(','));
    });
  }
  await running.close();
  expect(rows.length).toBeGreaterThan(5);
  // In pixels of this clip: people stand all over it, also right of and below the middle.
  const feet = rows
    .map((row) => row.split(',').map(Number))
    .map(([, , x = 0, y = 0, , h = 0]) => ({ x, y: y + h }));
  expect(Math.max(...feet.map(({ x }) => x))).toBeGreaterThan(SIZE.width / 2);
  expect(Math.max(...feet.map(({ y }) => y))).toBeLessThanOrEqual(SIZE.height + 5);
  const truth = join(folder, 'truth.csv');
  writeFileSync(truth, ['frame,id,x,y,w,h', ...rows, ''].join('\n'));
  const { fp32, recallLoss } = await compareModels({ clip, truth, fp32: model, int8: model });
  expect([fp32.recall, fp32.precision, recallLoss]).toEqual([1, 1, 0]);
}, 60_000);
