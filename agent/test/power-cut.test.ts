import { expect, it } from 'vitest';
import { powerCuts } from '../../scripts/lib/power-cut.js';

const ROUNDS = 15;

it(`${ROUNDS} power cuts at random moments lose no record that was told of, torn log or not`, async () => {
  const { rounds, told, lost, tornLost, longestOpenMs } = await powerCuts(ROUNDS, Math.random);
  expect({ rounds, lost, tornLost }).toEqual({ rounds: ROUNDS, lost: 0, tornLost: 0 });
  expect(told).toBeGreaterThan(ROUNDS);
  expect(longestOpenMs).toBeLessThan(5000);
});
