/** The scene watch on real pictures: frames of the demo clip, changed as tampering and light change them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SceneCondition } from '@headcount/shared';
import { pino } from 'pino';
import sharp from 'sharp';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { YuvImage } from '../src/camera/frame.js';
import { cameraSchema } from '../src/config/camera-config.js';
import { CameraScene, type SceneChange } from '../src/scene/camera-scene.js';
import { NO_MEMORY, SceneWatch, type SceneMemory } from '../src/scene/scene-watch.js';

const CLIP = fileURLToPath(new URL('../../.cache/vtest.avi', import.meta.url));
/** The default model's input, which is the picture too. */
const SIDE = 416;
const SIZE = { width: SIDE, height: SIDE };
const logger = pino({ level: 'silent' });

/** One RGB picture a second. */
let pictures: Uint8Array[] = [];
beforeAll(() => {
  const args = ['-v', 'error', '-i', CLIP, '-vf', `fps=1,scale=${SIDE}:${SIDE}`, '-pix_fmt', 'rgb24'];
  const raw = execFileSync('ffmpeg', [...args, '-f', 'rawvideo', '-'], { maxBuffer: 2 ** 27 });
  const bytes = SIDE * SIDE * 3;
  pictures = Array.from({ length: raw.length / bytes }, (_, index) =>
    raw.subarray(index * bytes, (index + 1) * bytes),
  );
});

/** What happens to the picture: a change of its colours, then noise of the sensor in some grey levels each way. */
interface Look {
  readonly rgb?: (picture: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  readonly noise?: number;
  readonly colourless?: true;
  /** Show the same picture all the time. */
  readonly still?: true;
}

const CLEAR: Look = {};
const image = (rgb: Uint8Array) => sharp(rgb, { raw: { ...SIZE, channels: 3 } });
const blurred: Look = { rgb: (rgb) => image(rgb).blur(2.5).raw().toBuffer() };
const fogged: Look = { rgb: (rgb) => image(rgb).blur(1).linear(0.25, 140).raw().toBuffer() };
const compressed: Look = {
  rgb: async (rgb) =>
    sharp(await image(rgb).jpeg({ quality: 25 }).toBuffer())
      .raw()
      .toBuffer(),
};
const hand: Look = { rgb: (rgb) => image(rgb).blur(60).linear(0.5, 20).raw().toBuffer() };
const elsewhere: Look = { rgb: (rgb) => image(rgb).rotate(180).raw().toBuffer() };
const filled = (value: number, noise: number): Look => ({
  rgb: () => new Uint8Array(SIDE * SIDE * 3).fill(value),
  noise,
});
const scaled = (factor: number): Look => ({
  rgb: (rgb) => image(rgb).linear(factor, 0).raw().toBuffer(),
  noise: 4,
});
/** The camera looks to the right and down by shares of the picture; what comes into view repeats the border. */
const turned = (share: number): Look => ({
  rgb: (rgb) => {
    const [right, bottom] = [Math.round(share * SIDE), Math.round((share * SIDE) / 2)];
    return image(rgb)
      .extract({ left: right, top: bottom, width: SIDE - right, height: SIDE - bottom })
      .extend({ right, bottom, extendWith: 'copy' })
      .raw()
      .toBuffer();
  },
});
/** Infrared: no colour, other brightness of leaves and lawn, a lamp in the middle, and more noise. */
const infrared: Look = { rgb: lampLit, colourless: true, noise: 8 };
const infraredTurned: Look = {
  ...infrared,
  rgb: async (rgb) => lampLit((await turned(0.06).rgb?.(rgb)) ?? rgb),
};

function lampLit(rgb: Uint8Array): Uint8Array {
  return rgb.map((_, index) => {
    const first = index - (index % 3);
    const [pixel, red, green] = [first / 3, rgb[first] ?? 0, rgb[first + 1] ?? 0];
    const away = Math.hypot((pixel % SIDE) / SIDE - 0.5, pixel / SIDE / SIDE - 0.5);
    return (0.2 * red + 0.9 * green) * (0.9 - away);
  });
}

function toYuv(rgb: Uint8Array): YuvImage {
  const y = new Uint8Array(SIDE * SIDE);
  const u = new Uint8Array((SIDE * SIDE) / 4);
  const v = new Uint8Array((SIDE * SIDE) / 4);
  for (let pixel = 0; pixel < y.length; pixel++) {
    const r = rgb[3 * pixel] ?? 0;
    const g = rgb[3 * pixel + 1] ?? 0;
    const b = rgb[3 * pixel + 2] ?? 0;
    y[pixel] = Math.round(16 + 0.257 * r + 0.504 * g + 0.098 * b);
    const row = Math.floor(pixel / SIDE);
    const at = (row * SIDE) / 4 + (pixel % SIDE) / 2;
    if (row % 2 === 1 || pixel % 2 === 1) continue;
    u[at] = Math.round(128 - 0.148 * r - 0.291 * g + 0.439 * b);
    v[at] = Math.round(128 + 0.439 * r - 0.368 * g - 0.071 * b);
  }
  return { y, u, v, ...SIZE, strideY: SIDE, strideUv: SIDE / 2 };
}

/** Evenly spread from -1 to 1, the same on every run. */
const NOISE = (() => {
  let state = 1;
  return Float32Array.from({ length: SIDE * SIDE + 997 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 24) / 127.5 - 1;
  });
})();

/** Luma with noise, another one every second. */
function withNoise(picture: YuvImage, levels: number, second: number): YuvImage {
  if (levels === 0) return picture;
  const y = new Uint8ClampedArray(picture.y);
  const from = (second * 89) % 997;
  for (let pixel = 0; pixel < y.length; pixel++)
    y[pixel] = (y[pixel] as number) + levels * (NOISE[from + pixel] as number);
  return { ...picture, y: new Uint8Array(y.buffer) };
}

/** Plays pictures of the clip at one a second, again and again; of a changed clip every sixth, to save time. */
class Player {
  second = 0;
  private readonly made = new Map<string, YuvImage>();

  async play(see: (frame: { picture: YuvImage; at: number }) => void, seconds: number, look: Look = CLEAR) {
    this.made.clear();
    for (const end = this.second + seconds; this.second < end; this.second++) {
      const step = look === CLEAR ? 1 : 6;
      const index = look.still ? 7 : (this.second * step) % pictures.length;
      const picture = look === CLEAR ? clear(index) : await this.changed(index, look);
      see({ picture: withNoise(picture, look.noise ?? 0, this.second), at: this.second * 1000 });
    }
  }

  private async changed(index: number, { rgb, colourless }: Look): Promise<YuvImage> {
    const known = this.made.get(String(index));
    if (known !== undefined) return known;
    const plain = pictures[index] ?? new Uint8Array();
    const coloured = toYuv((await rgb?.(plain)) ?? plain);
    const grey = new Uint8Array((SIDE * SIDE) / 4).fill(128);
    const picture = colourless ? { ...coloured, u: grey, v: grey } : coloured;
    this.made.set(String(index), picture);
    return picture;
  }
}

const clearPictures = new Map<number, YuvImage>();

function clear(index: number): YuvImage {
  const picture = clearPictures.get(index) ?? toYuv(pictures[index] ?? new Uint8Array());
  clearPictures.set(index, picture);
  return picture;
}

let memory: SceneMemory = NO_MEMORY;
beforeAll(async () => {
  const watch = new SceneWatch((learnt) => (memory = learnt));
  await new Player().play((frame) => watch.see(frame), 125);
});

/** A camera that knows its place, and everything that is told from then on. */
function learnt() {
  const told: string[] = [];
  const watch = new SceneWatch(({ active }) => told.push(active.join()));
  watch.recall(memory);
  const player = new Player();
  const play = (seconds: number, look?: Look) => player.play((frame) => watch.see(frame), seconds, look);
  return { watch, told, play };
}

describe('a changed picture', () => {
  const cases: [SceneCondition, string, Look][] = [
    ['defocused', 'out of focus', blurred],
    ['moved', 'turned by 5 % of the picture', turned(0.05)],
    ['moved', 'turned elsewhere', elsewhere],
    ['black', 'black', filled(0, 0)],
    ['overexposed', 'white', filled(255, 3)],
    ['covered', 'covered by something grey', filled(110, 8)],
    ['covered', 'covered by a hand', hand],
  ];
  it.each(cases)(
    'is %s when it is %s, told after a minute and called off after',
    async (condition, _, look) => {
      const { watch, told, play } = learnt();
      await play(30);
      await play(55, look);
      expect(watch.active).toEqual([]);
      await play(45, look);
      expect(watch.active).toContain(condition);
      expect(watch.active.filter((one) => one !== 'frozen')).toEqual([condition]);
      await play(60);
      expect(watch.active).toEqual([]);
      expect(told.length).toBeGreaterThanOrEqual(2);
    },
  );

  it('is frozen when it repeats to the byte, but not when only the place stands still', async () => {
    const { watch, play } = learnt();
    await play(90, { still: true, noise: 2 });
    expect(watch.active).toEqual([]);
    await play(50, { still: true });
    expect(watch.active).toEqual([]);
    await play(15, { still: true });
    expect(watch.active).toEqual(['frozen']);
    await play(15);
    expect(watch.active).toEqual([]);
  });
});

describe('a picture that is fine', () => {
  it('stays so while a crowd walks', async () => {
    const { told, play } = learnt();
    await play(3 * pictures.length);
    expect(told).toEqual([]);
  });

  it('stays so at dusk, with more and more noise', async () => {
    const { watch, told, play } = learnt();
    for (let factor = 1; factor > 0.12; factor *= 0.85) await play(12, scaled(factor));
    await play(100, scaled(0.12));
    expect(watch.active).toEqual([]);
    expect(told.filter((active) => active !== '')).toEqual([]);
  });

  it.each([
    ['in fog', fogged],
    ['behind a bad encoder', compressed],
    ['with sensor noise', { noise: 10 }],
    ['after a nudge of half a percent', turned(0.005)],
  ])('stays so %s', async (_, look) => {
    const { told, play } = learnt();
    await play(100, look);
    expect(told).toEqual([]);
  });

  it('stays so when the night comes, has a reference of its own then, and finds the day again', async () => {
    const { watch, told, play } = learnt();
    await play(150, infrared);
    expect([watch.profile, watch.learning]).toEqual(['night', false]);
    await play(90);
    expect([watch.profile, watch.learning]).toEqual(['day', false]);
    await play(60, infrared);
    expect(watch.profile).toBe('night');
    await play(100, infraredTurned);
    expect(watch.active).toEqual(['moved']);
    // Learning the night is told once, without any condition.
    expect(told).toEqual(['', 'moved']);
  });

  it('keeps what was told while the stream is interrupted', async () => {
    const { watch, play } = learnt();
    await play(100, turned(0.08));
    const player = { second: 3600 };
    await new Player().play(
      ({ picture }) => watch.see({ picture, at: player.second++ * 1000 }),
      5,
      turned(0.08),
    );
    expect(watch.active).toEqual(['moved']);
  });
});

describe('the scene of a camera', () => {
  const LINES = [{ id: 'a', name: 'A', from: [0.5, 0], to: [0.5, 1] }];
  const cameraWith = (lines: unknown) => ({
    ...cameraSchema.parse({ id: 'door', name: 'Door', url: 'rtsp://192.0.2.1/x', lines }),
    credentials: undefined,
  });

  async function moved(dataDir: string) {
    const player = new Player();
    const made = sceneIn(dataDir);
    await player.play((frame) => made.scene.see(frame), 125);
    await player.play((frame) => made.scene.see(frame), 100, turned(0.05));
    return made;
  }

  function sceneIn(dataDir: string, lines: unknown = LINES) {
    const changes: SceneChange[] = [];
    const scene = new CameraScene({
      dataDir,
      camera: cameraWith(lines),
      onChange: (change) => changes.push(change),
      logger,
    });
    return { scene, changes };
  }

  it('is remembered over a restart, accepted by a person, and learnt anew when lines are drawn', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'headcount-scene-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true }));
    const first = await moved(dataDir);
    expect(first.changes).toEqual([{ active: ['moved'], accepted: false }]);
    await new Promise((resolve) => setTimeout(resolve, 100));

    const again = sceneIn(dataDir);
    again.scene.start();
    expect(again.changes).toEqual([{ active: ['moved'], accepted: false }]);
    expect(again.scene.status()).toEqual({ active: ['moved'], profile: 'day', learning: false });

    const drawn = sceneIn(dataDir, [{ ...LINES[0], to: [0.6, 1] }]);
    drawn.scene.start();
    expect(drawn.changes).toEqual([{ active: [], accepted: true }]);

    await again.scene.accept();
    expect(again.changes.at(-1)).toEqual({ active: [], accepted: true });
    expect(again.scene.status()).toMatchObject({ active: [], learning: true });

    writeFileSync(join(dataDir, 'scene-door.json'), '{');
    const damaged = sceneIn(dataDir);
    damaged.scene.start();
    expect(damaged.scene.status().learning).toBe(true);
  });
});
