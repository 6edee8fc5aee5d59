import { defineConfig } from 'vitest/config';

const shared = {
  root: new URL('..', import.meta.url).pathname,
  resolve: { conditions: ['headcount-source'] },
  ssr: { resolve: { conditions: ['headcount-source'] } },
};

/**
 * Three projects: `unit` is pure and fast; `integration` uses real brokers, databases, ffmpeg and RTSP; `e2e` runs the
 * built programs as processes and opens their pages in Chromium. The last two run file by file: two cores are few.
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
        },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          include: ['{agent,collector}/test/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
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
