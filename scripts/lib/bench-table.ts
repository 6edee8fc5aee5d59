import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** One measured figure; values carry their unit. */
export interface BenchRow {
  readonly name: string;
  readonly value: string;
}

/** A Markdown table under a line that says where it was measured. */
export function benchTable(title: string, rows: readonly BenchRow[]): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return [
    `### ${title}`,
    '',
    `${cpu?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, ${memory}, Node ${process.version}, commit ${commit}`,
    '',
    '| what | value |',
    '|---|---|',
    ...rows.map(({ name, value }) => `| ${name} | ${value} |`),
    '',
  ].join('\n');
}
