import { describe, expect, it } from 'vitest';
import { Baseline, RollbackWatch, TRIAL_MS, TRIAL_TIMES, type CameraSample } from './rollback-watch.js';

const MINUTE = 60_000;
const sample = (id: string, fps: number, streaming = true): CameraSample => ({
  ...{ id, fps, streaming },
  observed: streaming,
});

/** Judge once a second until there is a verdict; says after how many seconds and what. */
function run(
  watch: RollbackWatch,
  samples: (second: number) => readonly CameraSample[],
): { second: number; verdict: string } | undefined {
  for (let second = 0; second <= (TRIAL_MS + MINUTE) / 1000; second++) {
    const verdict = watch.judge(second * 1000, samples(second));
    if (verdict !== undefined) return { second, verdict: verdict === 'kept' ? verdict : verdict.reason };
  }
  return undefined;
}

function trial(touched: readonly string[], wanted: Record<string, number>, elapsedMs = 0): RollbackWatch {
  const baseline = new Baseline();
  for (let second = 0; second < 300; second++)
    baseline.add(second * 1000, [sample('door', 10), sample('yard', 10)]);
  const terms = { touched, wanted, before: baseline.all() };
  return new RollbackWatch(terms, 0, { times: TRIAL_TIMES, elapsedMs });
}

describe('a configuration on trial', () => {
  it('is kept after ten minutes as good as before', () => {
    expect(
      run(trial(['door'], { door: 10, yard: 10 }), () => [sample('door', 10), sample('yard', 10)]),
    ).toEqual({
      ...{ second: TRIAL_MS / 1000, verdict: 'kept' },
    });
  });

  it('may be slower where that was asked for', () => {
    expect(run(trial(['door'], { door: 5, yard: 10 }), () => [sample('door', 5)])?.verdict).toBe('kept');
  });

  it('is taken back when its camera does not come back, within three minutes', () => {
    const verdict = run(trial(['door'], { door: 10 }), () => [sample('door', 0, false)]);
    expect(verdict?.verdict).toMatch(/door was observed 0 %/);
    expect(verdict?.second).toBeLessThan(180);
  });

  it('is taken back when the frame rate falls in its ninth minute', () => {
    const verdict = run(trial(['door'], { door: 10 }), (second) => [sample('door', second < 500 ? 10 : 3)]);
    expect(verdict?.verdict).toMatch(/door counted \d\.\d frames per second, 10.0 were expected/);
    expect(verdict?.second).toBeLessThan(600);
  });

  it('is taken back when it slows another camera down, but not when that one is unplugged', () => {
    const other = (yard: CameraSample) => () => [sample('door', 10), yard];
    const wanted = { door: 10, yard: 10 };
    expect(run(trial(['door'], wanted), other(sample('yard', 4)))?.verdict).toMatch(
      /camera yard counted 4.0/,
    );
    expect(run(trial(['door'], wanted), other(sample('yard', 0, false)))?.verdict).toBe('kept');
  });

  it('forgives the minute in which its camera connects', () => {
    const late = (second: number) => [sample('door', second < 50 ? 0 : 10, second >= 50)];
    expect(run(trial(['door'], { door: 10 }), late)?.verdict).toBe('kept');
  });

  it('goes on after a restart for the rest of its time', () => {
    const rest = run(trial(['door'], { door: 10 }, 7 * MINUTE), () => [sample('door', 10)]);
    expect(rest).toEqual({ second: 180, verdict: 'kept' });
  });
});
