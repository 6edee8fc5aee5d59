import { parseArgs } from 'node:util';
import { TestPostgres } from '../../collector/test/_util/postgres.js';
import { killCollector } from '../lib/fleet/kill-collector.js';

/** Kills of the collector during a replay: every record is stored once. `--postgres` for the other database. */
export async function run(args: readonly string[]): Promise<boolean> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { ...text, default: '50' },
      records: { ...text, default: '100000' },
      seed: { ...text, default: '1' },
      postgres: { type: 'boolean', default: false },
    },
  });
  const postgres = values.postgres ? await TestPostgres.start() : undefined;
  try {
    const found = await killCollector({
      ...{ kills: Number(values.kills), records: Number(values.records), seed: Number(values.seed) },
      databaseUrl: await postgres?.database(),
    });
    console.log(JSON.stringify(found, null, 2));
    const { sent, stored, summed, ledgerGaps, holes } = found;
    const whole = sent.intervals === stored.intervals && sent.in === stored.in && sent.out === stored.out;
    return whole && summed.in === sent.in && summed.out === sent.out && ledgerGaps === 0 && holes === 0;
  } finally {
    await postgres?.stop();
  }
}
