import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const MAIN = here('../dist/main.js');
const CLIP = here('../../.cache/vtest.avi');
const TRUTH = here('../../../shared/truth/vtest-lines.json');
const run = promisify(execFile);

const hasTruth = existsSync(TRUTH);
if (!hasTruth)
  process.stdout.write(`the ground truth ${TRUTH} is missing: counting accuracy is not tested\n`);

describe.skipIf(!hasTruth)('headcount-agent evaluate (skipped without ../shared/truth)', () => {
  it('counts at most 2 of 27 crossings of lines A, B and C wrong', async () => {
    const { stdout } = await run(process.execPath, [MAIN, 'evaluate', CLIP, '--truth', TRUTH, '--json']);
    const { lines } = JSON.parse(stdout) as {
      lines: { id: string; truth: number; missed: number; extra: number; wrongDirection: number }[];
    };
    process.stdout.write(`${JSON.stringify(lines)}\n`);
    expect(lines.map(({ id, truth }) => `${id} ${truth}`)).toEqual(['A 12', 'B 11', 'C 4']);
    const wrong = lines.reduce((sum, line) => sum + line.missed + line.extra + line.wrongDirection, 0);
    expect(wrong).toBeLessThanOrEqual(2);
  }, 120_000);
});

describe('the command line', () => {
  const failing = async (args: string[]) => {
    const result = await run(process.execPath, [MAIN, ...args]).catch((error: unknown) => error);
    return result as { code: number; stderr: string };
  };

  it('says in one line what is wrong with a truth file', async () => {
    const { code, stderr } = await failing(['evaluate', CLIP, '--truth', '/nowhere.json']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^headcount-agent: \/nowhere.json cannot be read as JSON: .*\n$/);
  });

  it('exits with 2 for an unknown command', async () => {
    expect((await failing(['dance'])).code).toBe(2);
  });

  it('says why a camera cannot be probed', async () => {
    const { code, stderr } = await failing(['probe', 'rtsp://127.0.0.1:9/door']);
    expect(code).toBe(1);
    expect(stderr).toContain('Connection refused');
    expect(stderr).not.toContain('at ');
  });

  it('prints its version', async () => {
    expect((await run(process.execPath, [MAIN, 'version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
