import { describe, expect, it } from 'vitest';
import {
  Baseline,
  RollbackWatch,
  TRIAL_TIMES,
  type CameraSample,
  type TrialTerms,
} from './rollback-watch.js';

const GOOD = { door: { fps: 10, observed: 1 }, hall: { fps: 10, observed: 1 } };
const SECOND = 1000;

function sample(id: string, fps: number): CameraSample {
  return { id, streaming: fps > 0, fps, observed: fps > 0 };
}

/** Judge once a second until there is a verdict; `look` says what the cameras show at a second of the trial. */
function run(terms: Partial<TrialTerms>, look: (second: number) => CameraSample[], elapsedMs = 0) {
  const all = { touched: ['door'], before: GOOD, wanted: { door: 10, hall: 10 }, ...terms };
  const watch = new RollbackWatch(all, 0, { times: TRIAL_TIMES, elapsedMs });
  for (let second = 0; second <= 3600; second++) {
    const verdict = watch.judge(second * SECOND, look(second));
    if (verdict !== undefined) return { second, verdict };
  }
  return undefined;
}

describe('a configuration on trial', () => {
  it('is kept after ten minutes in which nothing fell', () => {
    expect(run({}, () => [sample('door', 10), sample('hall', 10)])).toEqual({ second: 600, verdict: 'kept' });
  });

  it('is taken back within two minutes when the camera does not come back', () => {
    const { second, verdict } = run({}, () => [sample('door', 0), sample('hall', 10)]) ?? {};
    expect(second).toBe(120);
    expect(verdict).toEqual({ reason: expect.stringContaining('camera door was observed 0 %') as string });
  });

  it('is taken back when the frame rate falls late', () => {
    const found = run({}, (second) => [sample('door', second < 400 ? 10 : 5)]);
    expect(found?.second).toBeGreaterThan(400);
    expect(found?.second).toBeLessThan(460);
    expect(found?.verdict).toEqual({ reason: expect.stringContaining('frames per second') as string });
  });

  it('is taken back when it slows down a camera that it did not touch', () => {
    expect(run({}, () => [sample('door', 10), sample('hall', 4)])?.verdict).toEqual({
      reason: expect.stringContaining('camera hall') as string,
    });
  });

  it('is not blamed for another camera that lost its connection, nor for a rate that was lowered on purpose', () => {
    expect(run({}, () => [sample('door', 10), sample('hall', 0)])?.verdict).toBe('kept');
    expect(run({ wanted: { door: 3, hall: 10 } }, () => [sample('door', 3)])?.verdict).toBe('kept');
  });

  it('is not blamed for a camera that was dead before or is switched off now', () => {
    const before = { door: { fps: 0, observed: 0 } };
    expect(run({ before }, () => [sample('door', 0)])?.verdict).toBe('kept');
    expect(run({ wanted: {} }, () => [sample('door', 0)])?.verdict).toBe('kept');
  });

  it('is taken back when a camera that it added shows nothing', () => {
    const terms = { touched: ['new'], wanted: { door: 10, hall: 10, new: 10 } };
    expect(run(terms, () => [sample('new', 0)])?.verdict).toMatchObject({
      reason: expect.stringContaining('camera new') as string,
    });
  });

  it('goes on after a restart, for the rest of its time but long enough to look', () => {
    expect(run({}, () => [sample('door', 10)], 500_000)?.second).toBe(120);
    expect(run({}, () => [sample('door', 0)], 500_000)?.verdict).toMatchObject({
      reason: expect.stringContaining('door') as string,
    });
  });
});

it('compares with the last five minutes, and forgets cameras that are gone', () => {
  const baseline = new Baseline();
  for (let second = 0; second < 1000; second++)
    baseline.add(second * SECOND, [
      sample('door', second < 600 ? 2 : 10),
      ...(second < 10 ? [sample('old', 1)] : []),
    ]);
  expect(baseline.all()).toEqual({ door: { fps: 10, observed: 1 } });
});
