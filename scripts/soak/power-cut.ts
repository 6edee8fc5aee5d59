import { parseArgs } from 'node:util';
import { powerCuts } from '../lib/power-cut.js';

/** Power cuts by the hundred: nothing that was told of may be gone, and the outbox opens within 5 s. */
export async function run(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string', default: '200' } },
  });
  const result = await powerCuts(Number(values.rounds), Math.random);
  console.table(result);
  return result.lost === 0 && result.tornLost === 0 && result.longestOpenMs < 5000;
}
