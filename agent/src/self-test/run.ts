import { STEP_LIMIT_MS, STEPS, type Checks, type Finding, type Step, type StepResult } from './steps.js';

/** Which step must not have failed for another to mean something. */
const NEEDS: Partial<Record<Step, Step>> = { tcp: 'dns', tls: 'tcp', login: 'tls', 'round-trip': 'login' };

/**
 * Look at one step after the other and tell each result at once. A step whose way is blocked is skipped; a step that
 * takes longer than its limit is bad.
 * @param options.limits ms per step
 * @throws the signal's reason when it aborts
 */
export async function* runSelfTest(options: {
  readonly checks: Checks;
  readonly signal: AbortSignal;
  readonly monotonic: () => number;
  readonly limits?: Readonly<Record<Step, number>>;
}): AsyncGenerator<StepResult> {
  const { checks, signal, monotonic, limits = STEP_LIMIT_MS } = options;
  const blocked = new Set<Step>();
  for (const step of STEPS) {
    signal.throwIfAborted();
    const needed = NEEDS[step];
    if (needed !== undefined && blocked.has(needed)) {
      blocked.add(step);
      yield { step, outcome: 'skipped', code: 'earlier', values: {}, ms: null };
      continue;
    }
    const started = monotonic();
    const finding = await limited(checks[step], limits[step], signal);
    if (finding.outcome === 'bad') blocked.add(step);
    yield { step, ...finding, ms: finding.outcome === 'skipped' ? null : Math.round(monotonic() - started) };
  }
}

async function limited(check: Checks[Step], limitMs: number, signal: AbortSignal): Promise<Finding> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await check(AbortSignal.any([signal, limit]));
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.aborted) throw error;
    return { outcome: 'bad', code: 'late', values: { seconds: limitMs / 1000 } };
  }
}

/** True when nothing was bad. */
export function passed(results: readonly StepResult[]): boolean {
  return results.every(({ outcome }) => outcome !== 'bad');
}
