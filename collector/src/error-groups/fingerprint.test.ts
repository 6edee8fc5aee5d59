import { expect, it } from 'vitest';
import { fingerprintOf, ownFrames, templateOf } from './fingerprint.js';

it.each([
  ['7 counts missing between 10:00:00.5 and 11', '? counts missing between ? and ?'],
  ["there is no site \"shop\" at 'lobby', isn't it", "there is no site ? at ?, isn't it"],
  ['batch 1e1f2d3c-9a4b-4c5d-8e7f-001122334455 failed', 'batch ? failed'],
  ['key deadbeef01 of 192.168.1.20:1883 refused', 'key ? of ? refused'],
  ['token hc_9vJk2LmQpRsTuVwX is gone', 'token ? is gone'],
  ['the database is locked', 'the database is locked'],
])('takes what varies out of "%s"', (message, template) => {
  expect(templateOf(message)).toBe(template);
});

const stack = (root: string, folder: string, line: number) => `Error: no such table
    at Database.prepare (${root}/node_modules/better-sqlite3/lib/database.js:12:${line})
    at async push (file://${root}/collector/${folder}/webhooks/webhooks.${folder === 'src' ? 'ts' : 'js'}:${line}:3)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)
    at Object.once [as run] (${root}/collector/${folder}/collector.${folder === 'src' ? 'ts' : 'js'}:${line}:9)
    at ${root}/node_modules/@headcount/shared/dist/stop-in-order.js:5:5`;

it('knows the place by our own files and functions, wherever the program lies and whatever its lines are', () => {
  const frames = [
    'collector/webhooks/webhooks push',
    'collector/collector Object.once',
    'shared/stop-in-order',
  ];
  expect(ownFrames(stack('/opt/headcount', 'dist', 1))).toEqual(frames);
  expect(ownFrames(stack('/home/lan/headcount', 'src', 99))).toEqual(frames);
  const foreign = stack('/opt/headcount', 'dist', 1).replace('@headcount/shared', 'other/shared');
  expect(ownFrames(foreign)).toEqual(frames.slice(0, 2));
  expect(ownFrames('')).toEqual([]);
});

it('is the same in every release, and another one for another type, message or place', () => {
  const error = { type: 'SqliteError', message: 'no such table: a1', stack: stack('/opt/a', 'dist', 10) };
  const fingerprint = fingerprintOf(error);
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprintOf({ ...error, message: 'no such table: a22', stack: stack('/b', 'src', 99) })).toBe(
    fingerprint,
  );
  const others = [
    { ...error, type: 'TypeError' },
    { ...error, message: 'no such column: a1' },
    { ...error, stack: error.stack.replace('async push', 'async pull') },
  ].map(fingerprintOf);
  expect(new Set([fingerprint, ...others]).size).toBe(4);
});
