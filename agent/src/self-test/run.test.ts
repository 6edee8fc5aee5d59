import { describe, expect, it } from 'vitest';
import { passed, runSelfTest } from './run.js';
import { STEP_LIMIT_MS, STEPS, type Checks, type Finding, type Step, type StepResult } from './steps.js';

const good = () => Promise.resolve<Finding>({ outcome: 'good', code: 'tcp-fine', values: {} });
const bad = () => Promise.resolve<Finding>({ outcome: 'bad', code: 'tcp-refused', values: {} });
const ALL_GOOD = Object.fromEntries(STEPS.map((step) => [step, good])) as unknown as Checks;
const never = (signal: AbortSignal) =>
  new Promise<Finding>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

async function run(change: Partial<Checks>, limits?: Record<Step, number>): Promise<StepResult[]> {
  const { signal } = new AbortController();
  const results: StepResult[] = [];
  const checks = { ...ALL_GOOD, ...change };
  for await (const result of runSelfTest({ checks, signal, monotonic: () => 0, ...(limits && { limits }) }))
    results.push(result);
  return results;
}
const outcomes = (results: StepResult[]) => results.map(({ step, outcome }) => `${step} ${outcome}`);

describe('the self-test', () => {
  it('looks at every step in order and takes at most 20 s', async () => {
    const results = await run({});
    expect(results.map(({ step }) => step)).toEqual([...STEPS]);
    expect(passed(results)).toBe(true);
    expect(Object.values(STEP_LIMIT_MS).reduce((sum, ms) => sum + ms)).toBeLessThanOrEqual(20_000);
  });

  it('skips what a failed step blocks, and nothing else', async () => {
    const results = await run({ tcp: bad });
    expect(outcomes(results)).toEqual([
      'dns good',
      'time good',
      'tcp bad',
      'tls skipped',
      'login skipped',
      'round-trip skipped',
    ]);
    expect(results[5]).toMatchObject({ code: 'earlier', ms: null });
    expect(passed(results)).toBe(false);
    expect(outcomes(await run({ time: bad })).filter((text) => text.endsWith('good'))).toHaveLength(5);
  });

  it('goes on after a skipped step: an address needs no DNS', async () => {
    const dns = () => Promise.resolve<Finding>({ outcome: 'skipped', code: 'dns-not-needed', values: {} });
    expect(outcomes(await run({ dns })).slice(0, 3)).toEqual(['dns skipped', 'time good', 'tcp good']);
  });

  it('calls a step that never ends bad, and goes on', async () => {
    const limits = { ...STEP_LIMIT_MS, time: 5 };
    const results = await run({ time: never }, limits);
    expect(results[1]).toMatchObject({ step: 'time', outcome: 'bad', code: 'late' });
    expect(results[2]?.outcome).toBe('good');
  });

  it('ends at once when nobody waits any more', async () => {
    const stop = new AbortController();
    const steps = runSelfTest({
      checks: { ...ALL_GOOD, tcp: never },
      signal: stop.signal,
      monotonic: () => 0,
    });
    await steps.next();
    await steps.next();
    const third = steps.next();
    stop.abort();
    await expect(third).rejects.toThrow('aborted');
  });
});
