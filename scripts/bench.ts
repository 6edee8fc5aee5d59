/** Runs the benchmarks that are named, or all, and prints a Markdown table each. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { benchTable, type BenchRow } from './lib/bench-table.js';

const FOLDERS = [
  new URL('../agent/bench/', import.meta.url),
  new URL('../collector/bench/', import.meta.url),
];
const ENDING = '.bench.ts';

/** Where each benchmark stands. */
const places = new Map(
  FOLDERS.flatMap((folder) =>
    readdirSync(fileURLToPath(folder))
      .filter((name) => name.endsWith(ENDING))
      .map((name) => [name.slice(0, -ENDING.length), new URL(name, folder).href] as const),
  ),
);
const known = [...places.keys()];

async function main(names: readonly string[]): Promise<number> {
  if (names.includes('--help')) {
    console.log(
      `Usage: npm run bench [-- <name> …]\n\nBenchmarks: ${known.join(', ')} (all without a name). Build first.`,
    );
    return 0;
  }
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`bench: no benchmark ${unknown.join(', ')}; there are: ${known.join(', ')}`);
    return 2;
  }
  for (const name of names.length > 0 ? names : known) {
    const { run } = (await import(places.get(name) ?? '')) as {
      run: () => Promise<BenchRow[]>;
    };
    console.log(benchTable(name, await run()));
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
