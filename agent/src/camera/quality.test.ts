import { describe, expect, it } from 'vitest';
import { QualityMeter } from './quality.js';

const MINUTE = 60_000;
const START = 12_345_678;

/** Run for some minutes with so many frames a second of 10 configured ones. */
function run(
  minutes: number,
  fps: number,
  extra: (second: number, meter: QualityMeter, now: number) => void,
) {
  const meter = new QualityMeter(10, START);
  for (let second = 1; second <= minutes * 60; second++) {
    const now = START + second * 1000;
    meter.note(now, { frames: second * fps });
    extra(second, meter, now);
  }
  return meter.quality(START + minutes * MINUTE);
}
const nothing = () => undefined;

describe('the grade of a camera', () => {
  it('is open during the first minute', () => {
    expect(run(0.9, 10, nothing)).toBeUndefined();
  });

  it.each([
    [9.5, 'good'],
    [8, 'fair'],
    [5.9, 'poor'],
    [2, 'unusable'],
    [0, 'unusable'],
  ])('at %d of 10 frames a second is %s, soon and later', (fps, grade) => {
    expect(run(2, fps, nothing)?.grade).toBe(grade);
    const later = run(75, fps, nothing);
    expect(later?.grade).toBe(grade);
    expect(later?.frameShare).toBeCloseTo(fps / 10, 2);
  });

  it.each([
    ['reconnects', 2, 'good'],
    ['reconnects', 3, 'fair'],
    ['reconnects', 10, 'poor'],
    ['reconnects', 11, 'unusable'],
    ['stalls', 11, 'fair'],
    ['stalls', 100, 'poor'],
    ['stalls', 101, 'unusable'],
  ])('with %s: %d is %s', (what, times, grade) => {
    const quality = run(10, 10, (second, meter, now) => {
      if (second <= times) meter.note(now, { [what]: 1 });
    });
    expect(quality?.grade).toBe(grade);
  });

  it('forgets after an hour, and ten minutes of frames after ten minutes', () => {
    const lossy = (second: number, meter: QualityMeter, now: number) => {
      if (second <= 20) meter.note(now, { reconnects: 1 });
    };
    expect(run(59, 10, lossy)?.reconnectsPerHour).toBe(20);
    expect(run(61, 10, lossy)?.grade).toBe('good');
  });
});
