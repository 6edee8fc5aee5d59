import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { OnnxModel } from '../../scripts/lib/model/onnx-model.js';
import { openDetector } from '../src/detector/choose-precision.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const MODEL = here('../models/person-detector.onnx');
const COPY = here('../models/person-detector.int8.onnx');
const logger = pino({ level: 'silent' });

/** The model and its int8 copy in a folder of their own; `change` alters what the copy says of itself. */
async function choose(wanted: 'auto' | 'fp32' | 'int8', change?: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-precision-'));
  const model = join(folder, 'model.onnx');
  copyFileSync(MODEL, model);
  if (change !== undefined) {
    const copy = new OnnxModel(readFileSync(COPY));
    for (const [key, value] of Object.entries(change)) copy.metadata.set(key, value);
    writeFileSync(join(folder, 'model.int8.onnx'), copy.encode());
  }
  const options = { model, family: 'auto', threads: 1, threshold: 0.5, logger } as const;
  const choice = await openDetector(options, wanted);
  onTestFinished(() => choice.detector.close());
  return choice;
}

it('measures both and says so when the copy is good enough', async () => {
  // What the shipped copy lost depends on the machine that made it, so the copy here says it lost nothing.
  const { reason, precision } = await choose('auto', { recallLoss: '0', precisionLoss: '0' });
  expect(reason).toMatch(/^int8 takes [\d.]+ ms, fp32 [\d.]+ ms; int8 loses -?[\d.]+ points of recall and/);
  // Which one is faster is the machine's to say; the choice must follow the figures.
  const [int8 = 0, fp32 = 0] = [...reason.matchAll(/([\d.]+) ms/g)].map(([, ms]) => Number(ms));
  if (int8 !== fp32) expect(precision).toBe(int8 < fp32 ? 'int8' : 'fp32');
});

it.each([
  ['lost more than a point of recall', { recallLoss: '0.0123' }, 'loses 1.2 points of recall'],
  ['does not say what it lost', { precisionLoss: 'unknown' }, 'loses'],
  ['was made from another model', { quantizedFrom: '0'.repeat(64) }, 'was made from another model'],
])('stays with fp32 when the copy %s', async (_, change, reason) => {
  const choice = await choose('auto', { recallLoss: '0', precisionLoss: '0', ...change });
  expect(choice.precision).toBe('fp32');
  expect(choice.reason).toContain(reason);
});

it('stays with fp32 when there is no copy, and says so', async () => {
  expect(await choose('auto')).toMatchObject({
    precision: 'fp32',
    reason: expect.stringContaining('no int8 copy') as string,
  });
});

it('takes what is configured, and fails when it is not there', async () => {
  expect((await choose('int8', {})).detector.modelHash).toMatch(/^[0-9a-f]{64}$/);
  await expect(choose('int8')).rejects.toThrow(/model\.int8\.onnx cannot be read/);
});
