import { execFileSync } from 'node:child_process';
import type { BenchRow } from '../../scripts/lib/bench-table.js';
import type { YuvImage } from '../src/camera/frame.js';
import { SceneWatch } from '../src/scene/scene-watch.js';
import { busyClip } from './lib/clips.js';
import { cpuSeconds } from './lib/cpu.js';

const SIDE = 416;
const FPS = 10;
/** The clip is played so often: its scene is learnt in the first ten. */
const ROUNDS = 40;
const LEARNING_ROUNDS = 10;

/** What watching the scene costs beside bare reading of the same frames: every byte looked at once. */
export function run(): Promise<BenchRow[]> {
  const frames = readFrames();
  const watch = new SceneWatch(() => undefined);
  let at = 0;
  const play = () => {
    for (const picture of frames) watch.see({ picture, at: (at += 1000 / FPS) });
  };
  for (let round = 0; round < LEARNING_ROUNDS; round++) play();
  const bare = timed(frames.length, () => frames.reduce((sum, frame) => sum + bytesOf(frame), 0));
  const fine = timed(frames.length, play);
  const moved = frames.map((picture) => ({ ...picture, y: picture.y.subarray(20), width: SIDE - 20 }));
  for (const picture of [...moved, ...moved]) watch.see({ picture, at: (at += 1000 / FPS) });
  const misfit = timed(frames.length, () => {
    for (const picture of moved) watch.see({ picture, at: (at += 1000 / FPS) });
  });
  const ms = (value: number) => `${value.toFixed(3)} ms`;
  return Promise.resolve([
    { name: `bare reading of a ${SIDE} x ${SIDE} frame`, value: ms(bare) },
    { name: `scene watch at ${FPS} fps, CPU per frame`, value: ms(fine) },
    { name: 'the same, in bare readings', value: (fine / bare).toFixed(2) },
    { name: 'scene watch of a camera that has moved, CPU per frame', value: ms(misfit) },
  ]);
}

function timed(frames: number, work: () => unknown): number {
  const rounds = ROUNDS - LEARNING_ROUNDS;
  const before = cpuSeconds();
  for (let round = 0; round < rounds; round++) work();
  return ((cpuSeconds() - before) * 1000) / frames / rounds;
}

function bytesOf({ y, u, v }: YuvImage): number {
  let sum = 0;
  for (const plane of [y, u, v]) for (let at = 0; at < plane.length; at++) sum += plane[at] as number;
  return sum;
}

function readFrames(): YuvImage[] {
  const pixels = SIDE * SIDE;
  const args = ['-v', 'error', '-i', busyClip(), '-t', '20', '-vf', `scale=${SIDE}:${SIDE}`];
  const raw = execFileSync('ffmpeg', [...args, '-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-'], {
    maxBuffer: 2 ** 28,
  });
  return Array.from({ length: raw.length / (pixels * 1.5) }, (_, index) => {
    const packed = raw.subarray(index * pixels * 1.5, (index + 1) * pixels * 1.5);
    const [y, u, v] = [
      packed.subarray(0, pixels),
      packed.subarray(pixels, pixels * 1.25),
      packed.subarray(pixels * 1.25),
    ];
    return { y, u, v, width: SIDE, height: SIDE, strideY: SIDE, strideUv: SIDE / 2 };
  });
}
