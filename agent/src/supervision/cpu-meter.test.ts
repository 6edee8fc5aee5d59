import { expect, it } from 'vitest';
import { createCpuMeter } from './cpu-meter.js';

it('the load of the CPUs is that of the last ten seconds', () => {
  let now = 0;
  const times = { busy: 1000, all: 5000 };
  const load = createCpuMeter(
    () => now,
    () => ({ ...times }),
  );
  const run = (seconds: number, share: number) => {
    for (let second = 0; second < seconds; second++) {
      now += 1000;
      times.all += 2000;
      times.busy += 2000 * share;
      load();
    }
    return load();
  };
  expect(load()).toBeUndefined();
  expect(run(5, 0.25)).toBeCloseTo(0.25);
  expect(run(5, 0.75)).toBeCloseTo(0.5);
  expect(run(10, 1)).toBeCloseTo(1);
});

it('the load of this machine is a share', () => {
  let now = 0;
  const load = createCpuMeter(() => now);
  load();
  now = 5000;
  const share = load() ?? 0;
  expect(share).toBeGreaterThanOrEqual(0);
  expect(share).toBeLessThanOrEqual(1);
});
