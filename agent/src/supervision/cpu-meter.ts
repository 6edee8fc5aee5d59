import { cpus } from 'node:os';

/** The load is averaged over so long (ms), and measured so often. */
const WINDOW_MS = 10_000;
const SAMPLE_MS = 1000;

interface Sample {
  readonly at: number;
  readonly busy: number;
  readonly all: number;
}

/**
 * Share of all CPUs that was busy over the last ten seconds, 0 to 1; undefined during the first second. Reads the
 * system's counters at most once a second, when somebody asks.
 */
export function createCpuMeter(
  monotonic: () => number,
  read: () => { busy: number; all: number } = readTimes,
): () => number | undefined {
  let samples: Sample[] = [];
  return () => {
    const at = monotonic();
    if (at - (samples.at(-1)?.at ?? -Infinity) >= SAMPLE_MS) {
      samples.push({ at, ...read() });
      // The last one before the window stays: it is where the window begins.
      while ((samples[1]?.at ?? at) <= at - WINDOW_MS) samples = samples.slice(1);
    }
    const [first, last] = [samples[0], samples.at(-1)];
    if (first === undefined || last === undefined || last.all <= first.all) return undefined;
    return (last.busy - first.busy) / (last.all - first.all);
  };
}

/** CPU time since the start of the machine, all CPUs together (ms; proc_stat(5)). */
function readTimes(): { busy: number; all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (pick: (one: (typeof times)[number]) => number) =>
    times.reduce((total, one) => total + pick(one), 0);
  const busy = sum(({ user, nice, sys, irq }) => user + nice + sys + irq);
  return { busy, all: busy + sum(({ idle }) => idle) };
}
