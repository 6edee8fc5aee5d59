import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FramePipe } from '../src/decoder/frame-pipe.js';

const HOLDER = new URL('_util/hold-pipe.ts', import.meta.url).pathname;

/** Write one small picture; resolves with how ffmpeg ended, null where it had to be killed. */
async function writeTo(path: string): Promise<number | null> {
  const source = ['-f', 'lavfi', '-i', 'color=size=64x64:duration=1'];
  const options = { timeout: 10_000, killSignal: 'SIGKILL' } as const;
  const ffmpeg = execFile('ffmpeg', ['-y', ...source, '-f', 'yuv4mpegpipe', path], options);
  const [code] = (await once(ffmpeg, 'exit')) as [number | null];
  return code;
}

test('ffmpeg that comes after its agent was killed ends, and nothing is left of the pipe', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const holder = spawn(process.execPath, ['--import', 'tsx', '--conditions', 'headcount-source', HOLDER], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  });
  const [said] = (await once(holder.stdout, 'data')) as [Buffer];
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const code = await writeTo(said.toString().trim());
  expect(code, 'exit code of ffmpeg').toBeGreaterThan(0);
  expect((await readdir(folder)).filter((name) => name.startsWith('headcount-'))).toEqual([]);
});

test('what ffmpeg writes arrives whole, and then the end', async () => {
  const pipe = await FramePipe.open();
  let bytes = 0;
  const ended = new Promise<Error | undefined>((resolve) =>
    pipe.read((chunk, done) => {
      bytes += chunk.length;
      done();
    }, resolve),
  );
  expect(await writeTo(pipe.path)).toBe(0);
  pipe.finish();
  expect(await ended).toBeUndefined();
  // 25 pictures of 64 x 64 with half as many samples of colour again, each with its header.
  expect(bytes).toBeGreaterThan(25 * 64 * 64 * 1.5);
});
