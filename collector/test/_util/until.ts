import { setTimeout as sleep } from 'node:timers/promises';

const STEP_MS = 20;

/**
 * Wait until something is there.
 * @param what named when it does not come in time
 */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  what: string,
  timeoutMs = 30_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`${what} did not come within ${timeoutMs} ms`);
    await sleep(STEP_MS);
  }
}
