import { describe, expect, it } from 'vitest';
import { createArrivalClock, createSampler, recordedClock, steadyClock } from './clip-clock.js';

const frames = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Numbers of the frames that a rate takes of a clip with `clipFps`. */
function taken(clipFps: number, fps: number | undefined, count: number): number[] {
  const { timeOf } = steadyClock(clipFps);
  const sample = createSampler(fps);
  return frames(count).filter((frame) => sample(timeOf(frame)));
}

describe('sampling', () => {
  it.each([
    { clip: 10, fps: undefined, expected: [1, 2, 3, 4, 5, 6] },
    { clip: 10, fps: 10, expected: [1, 2, 3, 4, 5, 6] },
    { clip: 10, fps: 5, expected: [1, 3, 5] },
    { clip: 10, fps: 25, expected: [1, 2, 3, 4, 5, 6] },
  ])('a clip of $clip fps at $fps', ({ clip, fps, expected }) => {
    expect(taken(clip, fps, 6)).toEqual(expected);
  });

  it('takes the first frame of each slot: 3 of every 10 at 3 fps', () => {
    expect(taken(10, 3, 21)).toEqual([1, 5, 8, 11, 15, 18, 21]);
  });

  it.each([3, 5, 7, 10, 24])('at %i fps takes exactly so many frames of a minute', (fps) => {
    expect(taken(30, fps, 1800)).toHaveLength(fps * 60);
  });

  it('goes by time stamps: a gap in the clip leaves a gap, not a burst', () => {
    const sample = createSampler(5);
    expect([0, 100, 200, 1500, 1600, 1650].map(sample)).toEqual([true, false, true, true, true, false]);
  });
});

describe('the clock of a clip', () => {
  it('of steady frames counts from 1 at 0 ms', () => {
    const clock = steadyClock(10);
    expect([clock.timeOf(1), clock.timeOf(11), clock.frameAt(0), clock.frameAt(150)]).toEqual([
      0, 1000, 1, 2.5,
    ]);
  });

  it('of a camera may begin later in the clip', () => {
    const clock = steadyClock(10, 21);
    expect([clock.timeOf(21), clock.frameAt(1000)]).toEqual([0, 31]);
  });

  it('of a file with irregular time stamps gives them back', () => {
    const clock = recordedClock([40, 80, 200, 240], 25);
    expect(frames(4).map(clock.timeOf)).toEqual([0, 40, 160, 200]);
    expect([0, 20, 100, 160, 200].map(clock.frameAt)).toEqual([1, 1.5, 2.5, 3, 4]);
  });

  it('goes on beyond both ends', () => {
    const clock = recordedClock([40, 80, 200, 240], 25);
    expect([clock.timeOf(6), clock.frameAt(280), clock.frameAt(-40)]).toEqual([280, 6, 0]);
  });
});

describe('the frames of a camera', () => {
  it('that arrive at their pace have the time of their arrival', () => {
    const timeOf = createArrivalClock(10);
    expect([timeOf(1, 5000), timeOf(2, 5100), timeOf(3, 5210), timeOf(4, 5300)]).toEqual([0, 100, 210, 300]);
  });

  it('that were buffered while the stream was opened have the time of their number', () => {
    const timeOf = createArrivalClock(10);
    expect([timeOf(1, 5000), timeOf(2, 5001), timeOf(3, 5002), timeOf(4, 5102)]).toEqual([0, 100, 200, 300]);
  });

  it('that were lost leave a gap', () => {
    const timeOf = createArrivalClock(10);
    expect([timeOf(1, 5000), timeOf(2, 5100), timeOf(3, 7100)]).toEqual([0, 100, 2100]);
  });
});
