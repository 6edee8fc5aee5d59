import { defineConfig } from 'vitest/config';

const shared = {
  root: new URL('..', import.meta.url).pathname,
  resolve: { conditions: ['headcount-source'] },
  ssr: { resolve: { conditions: ['headcount-source'] } },
};
const patient = { testTimeout: 60_000, hookTimeout: 60_000 };
/** Three on two cores: most tests wait for a timer, a process or a page. */
const sideBySide = { maxWorkers: 3 };

/** Tests of the agent that decode and detect: two cores are few, so they run file by file. */
const VIDEO = [
  'audit',
  'camera-faults',
  'choose-precision',
  'compare-models',
  'decoder',
  'detector',
  'evaluate',
  'motion-gate',
  'scene',
].map((name) => `agent/test/${name}.test.ts`);

/** Tests of the console's pages without a camera: they mostly wait for the browser, so they run side by side. */
const PAGES = [
  'accounts',
  'fleet',
  'handbook',
  'alerts',
  'incident-setup',
  'incidents',
  'notify',
  'oncall',
  'operations',
  'reports',
  'rollout',
  'tally',
  'uptime',
].map((name) => `scripts/e2e/${name}.test.ts`);

/**
 * Five projects: `unit` is pure and fast; `service` uses real brokers, databases, sockets and file systems; `pages` and `e2e` run
 * the built programs as processes and open their pages in Chromium; `video` uses real ffmpeg, RTSP servers and the model, and its
 * files run one by one when all others are done.
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
        test: {
          name: 'service',
          include: ['{agent,collector}/test/**/*.test.ts'],
          exclude: VIDEO,
          ...patient,
          ...sideBySide,
        },
      },
      {
        ...shared,
        test: { name: 'video', include: VIDEO, ...patient, fileParallelism: false },
      },
      {
        ...shared,
        test: {
          name: 'pages',
          include: PAGES,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          ...sideBySide,
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          include: ['scripts/e2e/**/*.test.ts'],
          exclude: PAGES,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          ...sideBySide,
        },
      },
    ],
  },
});
