import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../../scripts/e2e/browser.js';
import { startRtspCamera } from '../../scripts/lib/rtsp-camera.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const MAIN = here('../dist/main.js');
const CLIP = here('../../.cache/vtest.avi');
const TRUTH = here('../../../shared/truth/vtest-lines.json');
const BOXES = here('../../../shared/truth/vtest-boxes.csv');
const run = promisify(execFile);

const hasTruth = existsSync(TRUTH) && existsSync(BOXES);
if (!hasTruth)
  process.stdout.write(`the ground truth beside ${TRUTH} is missing: counting accuracy is not tested\n`);

const folder = mkdtempSync(join(tmpdir(), 'headcount-evaluate-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Line {
  readonly id: string;
  readonly truth: number;
  readonly right: number;
  readonly missed: number;
  readonly extra: number;
  readonly wrongDirection: number;
  readonly events: { readonly counted: { readonly frame: number; readonly direction: string } }[];
}
interface Result {
  readonly lines: Line[];
  readonly zones: { id: string; truth: number; right: number }[];
  readonly detection: { recall: number; precision: number } | null;
  readonly tracking: { mota: number; idf1: number; hota: number } | null;
}
type Event = [frame: number, track: number, direction: string];

async function evaluate(truth: string, ...options: string[]): Promise<Result> {
  const { stdout } = await run(process.execPath, [
    MAIN,
    'evaluate',
    CLIP,
    '--truth',
    truth,
    '--json',
    ...options,
  ]);
  return JSON.parse(stdout) as Result;
}

function write(name: string, value: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(value));
  return file;
}

describe.skipIf(!hasTruth)('headcount-agent evaluate (skipped without ../shared/truth)', () => {
  it.each([
    { fps: '10', wrong: 0 },
    { fps: '5', wrong: 1 },
    { fps: '3', wrong: 3 },
  ])(
    'counts at most $wrong of 27 crossings of lines A, B and C wrong at $fps fps',
    async ({ fps, wrong }) => {
      const { lines, zones, detection, tracking } = await evaluate(TRUTH, '--fps', fps, '--boxes', BOXES);
      const numbers = lines.map(
        ({ id, ...line }) => `${id} ${line.right} of ${line.truth}, ${line.extra} extra`,
      );
      process.stdout.write(`${fps} fps: ${JSON.stringify({ numbers, detection, tracking })}\n`);
      expect(lines.map(({ id, truth }) => `${id} ${truth}`)).toEqual(['A 12', 'B 11', 'C 4']);
      const mistakes = lines.map((line) => line.missed + line.extra + line.wrongDirection);
      expect(mistakes.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(wrong);
      for (const { truth, right, missed, wrongDirection } of lines)
        expect(right + missed + wrongDirection).toBe(truth);
      expect(zones).toEqual([]);
      expect(detection?.recall).toBeGreaterThan(0.85);
      expect(detection?.precision).toBeGreaterThan(0.9);
      expect(tracking?.mota).toBeGreaterThan(0.75);
      expect(tracking?.idf1).toBeGreaterThan(0.6);
      expect(tracking?.hota).toBeGreaterThan(0.5);
    },
    240_000,
  );

  it('reports wrong events with pictures on a page that fetches nothing', async () => {
    const truth = JSON.parse(readFileSync(TRUTH, 'utf8')) as { lines: { A: { events: Event[] } } };
    const { events } = truth.lines.A;
    // Three false claims: somebody at 215 whom nobody saw, nobody at 275, and the other direction at 235.
    const changed = events.filter(([frame]) => frame !== 275 && frame < 300);
    const turned = changed.map((event): Event => (event[0] === 235 ? [235, event[1], 'LR'] : event));
    const line = { ...truth.lines.A, events: [...turned, [215, 99, 'RL']], optional: [] };
    const zone = {
      polygon: [
        [200, 200],
        [500, 200],
        [500, 500],
        [200, 500],
      ],
      visits: [[205, 250, 13]],
    };
    const file = write('report.json', {
      frames: { from: 170, to: 290 },
      lines: { 'A <img src=http://127.0.0.1:9/x>': line },
      zones: { square: zone },
    });
    const report = join(folder, 'report.html');
    const result = await evaluate(file, '--report', report);
    expect(result.lines[0]).toMatchObject({ truth: 3, right: 1, missed: 1, extra: 1, wrongDirection: 1 });
    expect(result.zones[0]).toMatchObject({ id: 'square', truth: 1, right: 1 });
    expect([result.detection, result.tracking]).toEqual([null, null]);

    const browser = await openBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
      const requests: string[] = [];
      const errors: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => errors.push(message.text()));
      await page.goto(`file://${report}`);
      expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([`file://${report}`]);
      expect(errors).toEqual([]);
      const captions = await page.locator('figcaption strong').allTextContents();
      expect(captions.sort()).toEqual(['extra', 'missed', 'wrong direction']);
      const widths = await page
        .locator('figure img')
        .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth));
      expect(widths).toEqual([555, 555, 555]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      expect(await page.locator('footer').textContent()).toMatch(/SHA-256 [0-9a-f]{64}/);
    } finally {
      await browser.close();
    }
  }, 240_000);
});

/** The lawn's line of the clip, with nothing claimed: every counted crossing is "extra". */
const NOTHING_CLAIMED = {
  lines: { lawn: { from: [300, 150], to: [300, 480], events: [] } },
  frames: { from: 1, to: 180 },
};
const counted = ({ lines }: Result) => lines.map(({ extra }) => extra);
const eventsOf = ({ lines }: Result) => lines.flatMap(({ events }) => events.map((event) => event.counted));

describe('a camera', () => {
  it('is counted over RTSP like its clip', async () => {
    const truth = write('camera.json', NOTHING_CLAIMED);
    const login = { user: 'viewer', password: 'pass' };
    const camera = await startRtspCamera({ clip: CLIP, ...login });
    try {
      const args = [MAIN, 'evaluate', camera.url, '--truth', truth, '--json', '--for', '19', '--fps', '5'];
      const env = { ...process.env, HEADCOUNT_CAMERA_LOGIN: 'viewer:pass' };
      const [{ stdout }, file] = await Promise.all([
        run(process.execPath, args, { env }),
        evaluate(truth, '--fps', '5'),
      ]);
      const live = eventsOf(JSON.parse(stdout) as Result);
      // Away from both ends, which the camera shows a moment earlier or later than the file.
      const recorded = eventsOf(file).filter(({ frame }) => frame > 60);
      expect(recorded.length).toBeGreaterThan(1);
      // The camera's first frame is one of the clip's first hundred: it plays while it is asked what it sends.
      const shifts = Array.from({ length: 100 }, (_, frames) => frames);
      const seenAlike = (shift: number) =>
        recorded.every(({ frame, direction }) =>
          live.some((event) => event.direction === direction && Math.abs(event.frame + shift - frame) < 8),
        );
      expect(shifts.filter(seenAlike), JSON.stringify({ live, recorded })).not.toEqual([]);
    } finally {
      await camera.stop();
    }
  }, 240_000);

  it('of a configuration is looked at with its masks, without its secrets', async () => {
    const truth = write('masked.json', NOTHING_CLAIMED);
    const exclude = [[[0, 0], [1, 0], [1, 1], [0, 1]]]; // prettier-ignore
    const lines = [{ id: 'any', name: 'Any', from: [0.2, 0.2], to: [0.2, 0.8] }];
    const camera = {
      id: 'door',
      name: 'Door',
      url: 'rtsp://192.0.2.1/door',
      credentialsFile: '/nowhere',
      lines,
    };
    const config = write('agent.json', {
      gateway: 'lobby',
      collector: { url: 'mqtt://192.0.2.2:1883' },
      status: {},
      cameras: [{ ...camera, masks: { exclude } }],
    });
    expect(counted(await evaluate(truth, '--fps', '5', '--to', '80', '--config', config))).toEqual([0]);
    const unknown = evaluate(truth, '--config', config, '--camera', 'cellar');
    await expect(unknown).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no camera "cellar"') as string,
    });
  }, 240_000);
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

  it('names all problems of a truth file', async () => {
    const file = write('bad.json', {
      lines: { A: { from: [0], to: [9, 9], events: [[1, 2, 'UP']] } },
      fps: -1,
    });
    const { code, stderr } = await failing(['evaluate', CLIP, '--truth', file]);
    expect(code).toBe(1);
    expect(stderr.split('\n').slice(0, 3)).toEqual([
      `headcount-agent: ${file}: 2 problems`,
      expect.stringMatching(/^ {2}fps: must be/),
      '  lines.A.from: must have at least 2 entries',
    ]);
  });

  it.each([
    ['a rate of 0', ['--fps', '0'], 'must be a number from 0.1 to 240'],
    ['a threshold above 1', ['--threshold', '2'], 'must be a number from 0 to 1'],
    ['an unknown speed', ['--speed', 'fast'], 'Allowed choices are max, real'],
    ['frames the wrong way round', ['--from', '9', '--to', '3'], '--from 9 lies after --to 3'],
    ['a camera without its configuration', ['--camera', 'door'], 'give --config'],
    ['an unknown option', ['--dance'], "unknown option '--dance'"],
  ])('exits with 2 for %s', async (_, options, message) => {
    const { code, stderr } = await failing(['evaluate', CLIP, '--truth', '/nowhere.json', ...options]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('says before it counts that a report cannot be written', async () => {
    const args = ['evaluate', CLIP, '--truth', '/nowhere.json', '--report', '/nowhere/report.html'];
    expect((await failing(args)).stderr).toContain('/nowhere is missing or not writable');
  });

  it('refuses a login in a camera’s address', async () => {
    const { code, stderr } = await failing([
      'evaluate',
      'rtsp://me:secret@127.0.0.1/door',
      '--truth',
      '/t.json',
    ]);
    expect(code).toBe(2);
    expect(stderr).not.toContain('secret');
  });

  it('explains the truth file in its help', async () => {
    const { stdout } = await run(process.execPath, [MAIN, 'evaluate', '--help']);
    expect(stdout).toContain('"events": [[195, 17, "RL"]]');
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
