import { expect, it } from 'vitest';
import { adviceFor } from './stream-advice.js';

const GOOD = { codec: 'h264', width: 704, height: 576, fps: 10 };

it.each([
  ['a good sub-stream', {}, ['fine']],
  ['a rate that is not announced', { fps: null }, ['fine']],
  ['H.265', { codec: 'hevc' }, ['codec-heavy']],
  ['something rare', { codec: 'av1' }, ['codec-unknown']],
  ['4K at 3 fps', { width: 3840, height: 2160, fps: 3 }, ['too-large', 'too-slow']],
  ['a thumbnail', { width: 160, height: 120 }, ['too-small']],
])('advice for %s', (_, change, advice) => expect(adviceFor({ ...GOOD, ...change })).toEqual(advice));
