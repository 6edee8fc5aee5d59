import { parseArgs } from 'node:util';
import { offlineRun } from '../lib/offline-run.js';

const MIB = 2 ** 20;

/** A gateway without its collector for a whole season: does everything fit, and does everything arrive? */
export function run(args: readonly string[]): boolean {
  const { values } = parseArgs({
    args: [...args],
    options: {
      days: { type: 'string', default: '90' },
      cameras: { type: 'string', default: '8' },
      lines: { type: 'string', default: '3' },
      mib: { type: 'string', default: '64' },
    },
  });
  const started = performance.now();
  const limit = Number(values.mib) * MIB;
  const result = offlineRun({
    days: Number(values.days),
    cameras: Number(values.cameras),
    linesPerCamera: Number(values.lines),
    maxBytes: limit,
  });
  const { peakBytes, emptyBytes, truth, drained, ...figures } = result;
  const seconds = (performance.now() - started) / 1000;
  const mib = (bytes: number) => Math.round((10 * bytes) / MIB) / 10;
  console.table({
    ...figures,
    peakMiB: mib(peakBytes),
    emptyMiB: mib(emptyBytes),
    seconds: Math.round(seconds),
  });
  const complete = JSON.stringify(truth) === JSON.stringify(drained);
  console.log(complete ? 'every count arrived' : `lost: ${JSON.stringify({ truth, drained })}`);
  return complete && result.dropped === 0 && peakBytes <= limit;
}
