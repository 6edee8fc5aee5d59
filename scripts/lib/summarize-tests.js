/** Prints the skipped tests and, as the last line, the sums; exits 1 when a test failed or none ran. */
import { existsSync, readFileSync } from 'node:fs';

const file = process.argv[2] ?? '';
if (!existsSync(file)) {
  console.log('0 passed, 1 failed');
  process.exit(1);
}
const report = JSON.parse(readFileSync(file, 'utf8'));
const tests = report.testResults.flatMap((suite) => suite.assertionResults);
const count = (...states) => tests.filter(({ status }) => states.includes(status)).length;
for (const { fullName, status } of tests) {
  if (status === 'skipped' || status === 'pending') console.log(`skipped: ${fullName}`);
}
const brokenSuites = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
).length;
const passed = count('passed');
const failed = count('failed') + brokenSuites;
console.log(`${passed} passed, ${failed} failed, ${count('skipped', 'pending', 'todo')} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
