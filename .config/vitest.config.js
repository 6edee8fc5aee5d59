import { defineConfig } from 'vitest/config';

const shared = {
  root: new URL('..', import.meta.url).pathname,
  resolve: { conditions: ['headcount-source'] },
  ssr: { resolve: { conditions: ['headcount-source'] } },
};
const patient = { testTimeout: 60_000, hookTimeout: 60_000 };
const sideBySide = { maxWorkers: 2 };

/**
 * Four projects: `unit` is pure and fast; `collector` and `integration` (the agent's) use real brokers, databases,
 * ffmpeg and RTSP; `e2e` runs the built programs as processes and opens their pages in Chromium. Whatever decodes and
 * detects runs file by file, since two cores are few; the rest mostly waits, and waits side by side.
 */
export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['{shared,agent,collector}/src/**/*.test.ts', 'scripts/lib/**/*.test.ts'],
          // Property tests and whole simulated scenes: seconds of work where the machine is busy.
          testTimeout: 30_000,
          ...sideBySide,
        },
      },
      {
        ...shared,
        test: { name: 'collector', include: ['collector/test/**/*.test.ts'], ...patient, ...sideBySide },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          include: ['agent/test/**/*.test.ts'],
          ...patient,
          fileParallelism: false,
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          include: ['scripts/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
