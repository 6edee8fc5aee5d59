/** Builds agent/models/person-detector.onnx from the NanoDet-g that an npm package carries. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nanodetToOnnx } from './lib/model/nanodet.js';
import { readTfjsGraph } from './lib/model/tfjs-graph.js';

const USAGE = `Usage: npm run model [-- --force]

Builds agent/models/person-detector.onnx (NanoDet-g, person class only) from the npm package @vladmandic/human.
Does nothing when the file is already the one that this script would write.

  --force   write it anyway
  --help    show this text`;

/** What stands in the file beside family, size and hash. */
const METADATA = {
  threshold: '0.5',
  source:
    'NanoDet-g 416 of github.com/RangiLyu/nanodet, taken from npm @vladmandic/human 1.7.1 (models/nanodet.json)',
  licence: 'Apache-2.0 (network), MIT (package)',
};

function main(): number {
  const { values } = parseArgs({ options: { force: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const target = join(root, 'agent/models/person-detector.onnx');
  const model = nanodetToOnnx(readTfjsGraph(sourceFile()), METADATA);
  const sha256 = createHash('sha256').update(model).digest('hex');
  if (values.force !== true && existsSync(target) && hashOf(target) === sha256) {
    console.log(`model is up to date: ${target} (sha256 ${sha256})`);
    return 0;
  }
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(`${target}.new`, model);
  renameSync(`${target}.new`, target);
  console.log(`model written: ${target} (${(model.length / 1e6).toFixed(1)} MB, sha256 ${sha256})`);
  return 0;
}

function sourceFile(): string {
  try {
    return join(
      dirname(createRequire(import.meta.url).resolve('@vladmandic/human/package.json')),
      'models/nanodet.json',
    );
  } catch (cause) {
    throw new Error('the npm package @vladmandic/human is missing; run "npm ci" first', { cause });
  }
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(`build-model: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
