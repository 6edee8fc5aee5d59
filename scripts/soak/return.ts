import { parseArgs } from 'node:util';
import { returnOfAll } from '../lib/fleet/return-of-all.js';

/** Two hundred gateways return together after a day: state within 5 s, every count once. */
export async function run(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: { gateways: { type: 'string', default: '200' } },
  });
  const found = await returnOfAll(Number(values.gateways));
  console.log(JSON.stringify(found, null, 2));
  const { sent, stored, bornP95Ms, online, ledgerGaps, holes } = found;
  const whole = sent.intervals === stored.intervals && sent.in === stored.in && sent.out === stored.out;
  return whole && bornP95Ms < 5000 && online === Number(values.gateways) && ledgerGaps + holes === 0;
}
