import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Frame, YuvImage } from '../camera/frame.js';
import type { AgentConfig } from '../config/config.js';
import type { Detector } from './detector.js';
import { DetectorError } from './errors.js';
import { createDetector, type DetectorOptions } from './onnx-detector.js';
import { readMetadata } from './onnx-metadata.js';
import { packedBytes } from './pixels.js';

/** Most recall and precision that int8 may cost, as measured when the model was quantised: one point. */
const MOST_LOSS = 0.01;
/** Inferences of each model that are timed, in turn; the first ones warm up. */
const TIMED_RUNS = 12;
const WARM_UP_RUNS = 3;

/** What was chosen and why, for the log and for people. */
export interface PrecisionChoice {
  readonly detector: Detector;
  readonly precision: 'fp32' | 'int8';
  /** One sentence with both measurements, or why nothing was measured. */
  readonly reason: string;
}

/**
 * Open the model in the precision that the configuration wants. `auto` takes the int8 copy beside the model
 * (scripts/quantize-model.ts) when it was made from this very file, lost at most a point of recall and of precision, and
 * is faster on this machine, which is measured here.
 * @throws DetectorError when the model, or the int8 copy that was asked for, cannot be used
 */
export async function openDetector(
  options: DetectorOptions,
  wanted: AgentConfig['detector']['precision'],
): Promise<PrecisionChoice> {
  const copy = options.model.replace(/\.onnx$/, '.int8.onnx');
  if (wanted === 'int8')
    return {
      detector: await createDetector({ ...options, model: copy }),
      precision: 'int8',
      reason: 'configured',
    };
  const fp32 = await createDetector(options);
  const floats = (reason: string): PrecisionChoice => ({ detector: fp32, precision: 'fp32', reason });
  if (wanted === 'fp32') return floats('configured');
  if (copy === options.model || !existsSync(copy)) return floats(`there is no int8 copy ${copy}`);
  try {
    const cost = await costOf(copy, fp32.modelHash);
    if (cost.problem !== undefined) return floats(cost.problem);
    const int8 = await createDetector({ ...options, model: copy });
    let loser = int8;
    try {
      const [slow, fast] = await timeBoth(fp32, int8);
      const reason = `int8 takes ${fast.toFixed(1)} ms, fp32 ${slow.toFixed(1)} ms; int8 ${cost.text}`;
      if (fast >= slow) return floats(reason);
      loser = fp32;
      return { detector: int8, precision: 'int8', reason };
    } finally {
      await loser.close();
    }
  } catch (error) {
    options.logger.warn({ err: error, model: copy }, 'the int8 copy cannot be used');
    return floats(
      `the int8 copy cannot be used: ${error instanceof DetectorError ? error.message : String(error)}`,
    );
  }
}

async function costOf(
  file: string,
  sourceHash: string,
): Promise<{ problem: string; text?: never } | { problem?: undefined; text: string }> {
  const metadata = readMetadata(await readFile(file));
  const recall = Number(metadata.get('recallLoss') ?? Number.NaN);
  const precision = Number(metadata.get('precisionLoss') ?? Number.NaN);
  const text = `loses ${points(recall)} of recall and ${points(precision)} of precision`;
  if (metadata.get('quantizedFrom') !== sourceHash)
    return { problem: `${file} was made from another model; quantise this one again` };
  if (!(recall <= MOST_LOSS && precision <= MOST_LOSS)) return { problem: `${file} ${text}` };
  return { text };
}

function points(share: number): string {
  return `${(100 * share).toFixed(1)} points`;
}

/** Median inference times in ms. What is on the picture does not change them. */
async function timeBoth(...detectors: readonly [Detector, Detector]): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  const grey = greyFrame(detectors[0]);
  for (let run = 0; run < TIMED_RUNS; run++) {
    for (const index of [0, 1] as const) {
      const detector = detectors[index];
      await detector.detect(grey);
      if (run >= WARM_UP_RUNS) times[index].push(detector.lastInferenceMs ?? 0);
    }
  }
  return [median(times[0]), median(times[1])];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function greyFrame({ input }: Detector): Frame {
  const { width, height } = input;
  const bytes = new Uint8Array(packedBytes(input)).fill(128);
  const planes = { y: bytes, u: bytes, v: bytes };
  const picture: YuvImage = { ...planes, width, height, strideY: width, strideUv: width / 2 };
  const views = [{ image: picture, area: { x: 0, y: 0, w: width, h: height } }];
  return { width, height, picture, views, number: 1, at: 0, release: () => undefined };
}
