import type { BenchRow } from '../../scripts/lib/bench-table.js';
import type { Detection } from '../src/detector/detector.js';
import { createTracker } from '../src/tracker/tracker.js';
import { cpuSeconds } from './lib/cpu.js';

const PEOPLE = 50;
const FPS = 15;
const SECONDS = 60;
const WARM_UP_SECONDS = 10;
const HEIGHT = 60;

/** Fifty people who walk to and fro across the picture on lanes of their own, half of them against the others. */
export function run(): Promise<BenchRow[]> {
  const tracker = createTracker({ highScore: 0.5 });
  let started = 0;
  let most = 0;
  for (let frame = 0; frame < FPS * SECONDS; frame++) {
    if (frame === FPS * WARM_UP_SECONDS) started = cpuSeconds();
    most = Math.max(most, tracker.update(peopleAt(frame / FPS), (frame * 1000) / FPS).length);
  }
  const share = (cpuSeconds() - started) / (SECONDS - WARM_UP_SECONDS);
  return Promise.resolve([
    {
      name: `${PEOPLE} people at ${FPS} fps, CPU per frame`,
      value: `${((share * 1000) / FPS).toFixed(3)} ms`,
    },
    { name: 'share of one core', value: `${(100 * share).toFixed(2)} %` },
    { name: 'most tracks at a time', value: String(most) },
  ]);
}

function peopleAt(second: number): Detection[] {
  return Array.from({ length: PEOPLE }, (_, person) => {
    const speed = (0.5 + (person % 7) / 10) * HEIGHT * (person % 2 === 0 ? 1 : -1);
    const x = (((person * 97 + speed * second) % 1280) + 1280) % 1280;
    const y = 100 + (person % 10) * 55 + 4 * Math.sin(person + 7 * second);
    return { box: { x, y, w: HEIGHT * 0.4, h: HEIGHT }, score: 0.8 };
  });
}
