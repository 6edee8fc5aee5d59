import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { createDetector } from '../detector/onnx-detector.js';
import { LOW_SCORE_SHARE } from '../tracker/tracker.js';
import { evaluate, type LineReport } from './evaluate.js';
import { readTruth } from './truth.js';

const PROGRESS_FRAMES = 25;

/** `headcount-agent evaluate`: prints one row per line, or JSON. */
export async function runEvaluation(
  clip: string,
  options: { truth: string; model?: string; threshold: number; json?: true },
): Promise<void> {
  const truth = readTruth(options.truth);
  const logger = pino({ level: 'silent' });
  const model = options.model ?? fileURLToPath(new URL('../../models/person-detector.onnx', import.meta.url));
  const threshold = options.threshold * LOW_SCORE_SHARE;
  const detector = await createDetector({ model, family: 'auto', threads: 2, threshold, logger });
  try {
    const onProgress = (frames: number) => showProgress(frames, false);
    const lines = await evaluate({ clip, truth, detector, highScore: options.threshold, logger, onProgress });
    showProgress(0, true);
    process.stdout.write(options.json === true ? `${JSON.stringify({ lines })}\n` : table(lines));
  } finally {
    await detector.close();
  }
}

function showProgress(frames: number, done: boolean): void {
  if (!process.stderr.isTTY) return;
  if (done) process.stderr.write('\r\x1b[K');
  else if (frames % PROGRESS_FRAMES === 0) process.stderr.write(`\r${frames} frames counted`);
}

function table(lines: readonly LineReport[]): string {
  const columns = ['truth', 'right', 'missed', 'extra', 'wrongDirection'] as const;
  const total = Object.fromEntries(
    columns.map((column) => [column, lines.reduce((sum, line) => sum + line[column], 0)]),
  ) as Record<(typeof columns)[number], number>;
  const row = (cells: readonly (string | number)[]) =>
    `${cells.map((cell) => String(cell).padStart(15)).join('')}\n`;
  const wrong = total.missed + total.extra + total.wrongDirection;
  return [
    row(['line', ...columns]),
    ...lines.map((line) => row([line.id, ...columns.map((column) => line[column])])),
    row(['all', ...columns.map((column) => total[column])]),
    `\n${wrong} wrong events against ${total.truth} true ones (missed + extra + wrong direction)\n`,
  ].join('');
}
