import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../../.cache/bench/', import.meta.url));
/** The demo clip: people all the time. */
export const CLIP = fileURLToPath(new URL('../../../.cache/vtest.avi', import.meta.url));
const ENCODE = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-pix_fmt', 'yuv420p', '-g', '20'];

/** The demo clip as a camera sends it: H.264. */
export function busyClip(): string {
  return made('busy.mp4', (file) => ['-i', CLIP, ...ENCODE, file]);
}

/** One frame of the place without people, repeated at 10 frames a second, with a camera's noise. */
export function idleClip(seconds: number): string {
  const empty = emptyScene();
  const noise = ['-vf', 'noise=alls=5:allf=t'];
  return made(`idle-${seconds}.mp4`, (file) => [
    '-loop',
    '1',
    '-framerate',
    '10',
    '-t',
    String(seconds),
    '-i',
    empty,
    ...noise,
    ...ENCODE,
    file,
  ]);
}

/** The median of many frames: everybody walks on, the place stays. */
export function emptyScene(): string {
  const median = ['-vf', 'select=not(mod(n\\,6)),tmedian=radius=60', '-frames:v', '1', '-update', '1'];
  return made('empty.png', (file) => ['-i', CLIP, ...median, file]);
}

function made(name: string, args: (file: string) => string[]): string {
  const file = CACHE + name;
  mkdirSync(CACHE, { recursive: true });
  if (!existsSync(file)) execFileSync('ffmpeg', ['-v', 'error', '-y', ...args(file)]);
  return file;
}
