/** A simulated fleet at a real collector process: kills, a return of everybody, faults on the way. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPostgres } from '../../collector/test/_util/postgres.js';
import { killCollector } from '../lib/fleet/kill-collector.js';
import { returnOfAll } from '../lib/fleet/return-of-all.js';

/** 200 in the long form: npm run soak -- return. */
const RETURNING = 60;
const MEGABYTE = 2 ** 20;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

describe.each(['SQLite', 'PostgreSQL'] as const)('a collector on %s', (kind) => {
  it('that is killed again and again during a replay has every record once', async () => {
    const databaseUrl = kind === 'PostgreSQL' ? await postgres.database() : undefined;
    const { sent, stored, summed, ledgerGaps, holes, kills } = await killCollector({
      ...{ kills: 4, records: 6000, seed: 7, databaseUrl },
    });
    expect(kills).toBeGreaterThan(1);
    expect(stored).toEqual(sent);
    expect(summed).toEqual({ in: sent.in, out: sent.out });
    expect({ ledgerGaps, holes }).toEqual({ ledgerGaps: 0, holes: 0 });
  });
});

it('takes a fleet that comes back after a day: state first, then every count once, within a bounded memory', async () => {
  const { sent, stored, summed, ledgerGaps, holes, ...seen } = await returnOfAll(RETURNING);
  console.log(`${RETURNING} gateways, ${sent.intervals} records: ${JSON.stringify(seen)}`);
  expect(seen.online).toBe(RETURNING);
  expect(seen.bornP95Ms).toBeLessThan(5000);
  expect(seen.peakBytes).toBeLessThan(400 * MEGABYTE);
  expect(stored).toEqual(sent);
  expect(summed).toEqual({ in: sent.in, out: sent.out });
  expect({ ledgerGaps, holes }).toEqual({ ledgerGaps: 0, holes: 0 });
});
