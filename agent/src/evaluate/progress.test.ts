import { expect, it } from 'vitest';
import { Progress } from './progress.js';

/** Count `total` frames in 100 ms each; gives what was written. */
function run(total: number, frames: number, isTTY: boolean): string[] {
  const written: string[] = [];
  let now = 0;
  const output = { isTTY, write: (text: string) => written.push(text) };
  const progress = new Progress(output, total, () => now);
  for (let frame = 1; frame <= frames; frame++) {
    now += 100;
    progress.update(frame);
  }
  progress.end();
  return written;
}

it('writes a line every 10 % where no terminal is', () => {
  const lines = run(200, 200, false);
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe('10 %, 10.0 frames/s, 0:18 left\n');
  expect(lines[9]).toBe('100 %, 10.0 frames/s, 0:00 left\n');
});

it('writes fewer lines for a clip of three frames', () => {
  expect(run(3, 3, false).map((line) => line.split(',')[0])).toEqual(['33 %', '66 %', '100 %']);
});

it('redraws a bar on a terminal and clears it', () => {
  const drawn = run(10, 10, true);
  expect(drawn).toHaveLength(6);
  expect(drawn[4]).toBe(`\r${'█'.repeat(22)}${'░'.repeat(2)} 90 %, 10.0 frames/s, 0:00 left\x1b[K`);
  expect(drawn.at(-1)).toBe('\r\x1b[K');
});
