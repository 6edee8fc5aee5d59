import { describe, expect, it } from 'vitest';
import type { ModelView, YuvImage } from '../camera/frame.js';
import { createMotionGate } from './motion-gate.js';

const SIZE = { width: 416, height: 416 };
const FPS = 10;

/** Deterministic noise of about the given standard deviation (sum of three uniform numbers). */
function createNoise(sigma: number): () => number {
  let seed = 12345;
  const uniform = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32 - 0.5;
  };
  return () => 2 * sigma * (uniform() + uniform() + uniform());
}

interface Scene {
  /** Added to every pixel. */
  readonly light?: number;
  /** Left edge of a person of 14 x 36 pixels, and how much darker than the background it is. */
  readonly person?: { readonly x: number; readonly contrast: number };
}

const noise = createNoise(3);

function view({ light = 0, person }: Scene): ModelView {
  const y = new Uint8Array(SIZE.width * SIZE.height);
  for (let index = 0; index < y.length; index++) {
    const [column, row] = [index % SIZE.width, Math.floor(index / SIZE.width)];
    const texture = 100 + ((column >> 4) % 2) * 20;
    const inside =
      person !== undefined && column >= person.x && column < person.x + 14 && row >= 200 && row < 236;
    y[index] = texture + light - (inside ? person.contrast : 0) + noise();
  }
  const colour = new Uint8Array(y.length / 4).fill(128);
  const image: YuvImage = { y, u: colour, v: colour, ...SIZE, strideY: SIZE.width, strideUv: SIZE.width / 2 };
  return { image, area: { x: 0, y: 0, w: 1, h: 1 } };
}

/** Show a scene for so many seconds; gives how many frames the model had to look at. */
function show(
  gate: ReturnType<typeof createMotionGate>,
  clock: { at: number },
  seconds: number,
  scene: (second: number) => Scene,
): { looked: number; firstLook: number | undefined } {
  let looked = 0;
  let firstLook: number | undefined;
  for (let frame = 0; frame < seconds * FPS; frame++) {
    clock.at += 1000 / FPS;
    const views = [view(scene(frame / FPS))];
    if (!gate.mustLook({ views, at: clock.at }, false)) continue;
    looked += 1;
    firstLook ??= frame / FPS;
  }
  return { looked, firstLook };
}

describe('a motion gate', () => {
  it('spares the model nearly every frame of an empty scene with camera noise', () => {
    const [gate, clock] = [createMotionGate(), { at: 0 }];
    show(gate, clock, 5, () => ({}));
    // One look in ten seconds is the heartbeat.
    expect(show(gate, clock, 30, () => ({})).looked).toBeLessThanOrEqual(6);
  });

  it.each([40, 12, 8])(
    'opens for somebody small of contrast %i before they have gone a body width',
    (contrast) => {
      const [gate, clock] = [createMotionGate(), { at: 0 }];
      show(gate, clock, 8, () => ({}));
      // Comes in from the left edge at 20 pixels a second: a slow walk of somebody 36 pixels tall.
      const { firstLook } = show(gate, clock, 6, (second) => ({
        person: { x: -14 + second * 20, contrast },
      }));
      expect(firstLook).toBeLessThanOrEqual(1.4);
    },
  );

  it('keeps looking while somebody is followed, moving or not', () => {
    const gate = createMotionGate();
    let looked = 0;
    for (let frame = 1; frame <= 100; frame++)
      looked += Number(gate.mustLook({ views: [view({})], at: frame * 100 }, true));
    expect(looked).toBe(100);
  });

  it('learns a new light within seconds and looks meanwhile', () => {
    const [gate, clock] = [createMotionGate(), { at: 0 }];
    show(gate, clock, 8, () => ({}));
    expect(show(gate, clock, 1, () => ({ light: 30 })).looked).toBe(FPS);
    show(gate, clock, 6, () => ({ light: 30 }));
    expect(show(gate, clock, 20, () => ({ light: 30 })).looked).toBeLessThanOrEqual(4);
  });

  it('follows dusk without opening', () => {
    const [gate, clock] = [createMotionGate(), { at: 0 }];
    show(gate, clock, 8, () => ({}));
    const { looked } = show(gate, clock, 30, (second) => ({ light: -second * 0.1 }));
    expect(looked).toBeLessThanOrEqual(6);
  });

  it('takes in what came and stays, such as a parked trolley', () => {
    const [gate, clock] = [createMotionGate(), { at: 0 }];
    show(gate, clock, 8, () => ({}));
    const trolley = () => ({ person: { x: 100, contrast: 25 } });
    show(gate, clock, 90, trolley);
    expect(show(gate, clock, 20, trolley).looked).toBeLessThanOrEqual(4);
  });
});
