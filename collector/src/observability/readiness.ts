import { statfs } from 'node:fs/promises';

/** Less free space than this in the data folder is a failure: SQLite needs room for its log (share of the disk). */
const LEAST_FREE = 0.03;

/** What of the collector works. */
export interface Check {
  readonly component: string;
  /** Why it does not work, for the person who mends it; undefined while it does. */
  readonly problem: string | undefined;
}

/** A component and how it is asked; what it throws is its problem. */
export interface Probe {
  readonly component: string;
  readonly ask: () => Promise<string | undefined>;
}

/** A probe that takes longer is a failure (ms). */
const SLOW_MS = 5000;

/** Ask every component, at the same time. */
export async function checkAll(probes: readonly Probe[]): Promise<Check[]> {
  return Promise.all(
    probes.map(async ({ component, ask }) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<string>((resolve) => {
        timer = setTimeout(() => resolve(`has not answered for ${SLOW_MS / 1000} s`), SLOW_MS);
      });
      try {
        return { component, problem: await Promise.race([ask(), late]) };
      } catch (error) {
        return { component, problem: error instanceof Error ? error.message : String(error) };
      } finally {
        clearTimeout(timer);
      }
    }),
  );
}

/** Whether the data folder has room. */
export async function diskProblem(folder: string): Promise<string | undefined> {
  const { bavail, blocks } = await statfs(folder);
  const free = bavail / blocks;
  if (free >= LEAST_FREE) return undefined;
  return `only ${(free * 100).toFixed(1)} % of the disk of ${folder} is free; make room or give it a larger one`;
}
