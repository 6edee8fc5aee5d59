/** Writes an int8 copy of a detection model, calibrated on a clip, and says what it gains and costs. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { calibrate } from './lib/model/calibrate.js';
import { compareModels, type Comparison } from './lib/model/compare-models.js';
import { OnnxModel } from './lib/model/onnx-model.js';
import { quantize } from './lib/model/quantize.js';

const USAGE = `Usage: npm run quantize -- --clip <video> [options]

Writes an int8 copy of a model beside it (static post-training quantisation, calibrated on frames of the clip), then
runs both and prints frames per second, recall and precision. The agent takes the copy by itself where it is faster
and loses at most one point of recall and precision.

  --clip <video>      what your camera sees; frames spread over it are used
  --model <file>      ONNX model (default: agent/models/person-detector.onnx)
  --out <file>        where to write (default: the model's name with .int8.onnx)
  --frames <n>        frames to calibrate on, 8 to 500 (default: 48)
  --truth <csv>       true boxes: frame,id,x,y,w,h in pixels of the clip, frames from 1; without it the float
                      model's detections are the reference
  --force             also when the copy is already there
  --help              show this text

Exit codes: 0 written, 1 failed, 2 wrong usage.`;

const FEWEST_FRAMES = 8;
const MOST_FRAMES = 500;

interface Options {
  readonly clip: string;
  readonly model: string;
  readonly out: string;
  readonly frames: number;
  readonly truth: string | undefined;
  readonly force: boolean;
}

class UsageError extends Error {
  override readonly name = 'UsageError';
}

function readOptions(): Options | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      clip: text,
      model: text,
      out: text,
      frames: text,
      truth: text,
      help: { type: 'boolean' },
      force: { type: 'boolean' },
    },
  });
  if (values.help === true) return undefined;
  if (values.clip === undefined) throw new UsageError('--clip is missing: a video of what the camera sees');
  const model = values.model ?? 'agent/models/person-detector.onnx';
  const frames = Number(values.frames ?? 48);
  if (!Number.isInteger(frames) || frames < FEWEST_FRAMES || frames > MOST_FRAMES)
    throw new UsageError(`--frames must be a whole number from ${FEWEST_FRAMES} to ${MOST_FRAMES}`);
  const out = values.out ?? model.replace(/\.onnx$/, '.int8.onnx');
  if (out === model) throw new UsageError('--out must not be the model itself');
  return { clip: values.clip, model, out, frames, truth: values.truth, force: values.force === true };
}

async function run(options: Options): Promise<void> {
  const source = readFileSync(options.model);
  const quantizedFrom = createHash('sha256').update(source).digest('hex');
  const calibration = `${options.frames} frames of ${basename(options.clip)}`;
  if (!options.force && isThere(options.out, { quantizedFrom, calibration })) {
    console.log(`the int8 copy is up to date: ${options.out}`);
    return;
  }
  console.error(`calibrating on ${options.frames} frames of ${options.clip}`);
  const ranges = await calibrate(source, options.clip, options.frames);
  const model = new OnnxModel(source);
  quantize(model, ranges);
  console.error('measuring both models');
  const comparison = await compareModels({
    clip: options.clip,
    truth: options.truth,
    fp32: source,
    int8: model.encode(),
  });
  model.metadata.set('precision', 'int8');
  model.metadata.set('quantizedFrom', quantizedFrom);
  model.metadata.set('calibration', calibration);
  model.metadata.set('recallLoss', comparison.recallLoss.toFixed(4));
  model.metadata.set('precisionLoss', comparison.precisionLoss.toFixed(4));
  writeFileSync(options.out, model.encode());
  console.log(table(comparison));
  console.log(`written: ${options.out}`);
}

function isThere(file: string, wanted: Record<string, string>): boolean {
  if (!existsSync(file)) return false;
  const { metadata } = new OnnxModel(readFileSync(file));
  return Object.entries(wanted).every(([key, value]) => metadata.get(key) === value);
}

function table({ reference, fp32, int8, recallLoss, precisionLoss }: Comparison): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const row = (name: string, { fps, recall, precision }: Comparison['fp32']) =>
    `| ${name} | ${fps.toFixed(1)} | ${percent(recall)} | ${percent(precision)} |`;
  return [
    `| model, one thread | frames/s | recall | precision |`,
    '|---|---|---|---|',
    row('fp32', fp32),
    row('int8', int8),
    '',
    `int8 runs at ${(int8.fps / fp32.fps).toFixed(2)} times the rate of fp32 and loses ${(100 * recallLoss).toFixed(1)} points of`,
    `recall and ${(100 * precisionLoss).toFixed(1)} of precision (score 0.5, IoU 0.5, against ${reference})`,
  ].join('\n');
}

async function main(): Promise<number> {
  try {
    const options = readOptions();
    if (options === undefined) console.log(USAGE);
    else await run(options);
    return 0;
  } catch (error) {
    console.error(`quantize-model: ${error instanceof Error ? error.message : String(error)}`);
    const usage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
    if (usage) console.error('npm run quantize -- --help explains the options');
    return usage ? 2 : 1;
  }
}

process.exitCode = await main();
