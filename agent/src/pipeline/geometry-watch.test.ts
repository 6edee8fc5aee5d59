import { describe, expect, it } from 'vitest';
import { lineSchema, zoneSchema } from '../config/camera-config.js';
import type { Track } from '../tracker/track.js';
import { GeometryWatch } from './geometry-watch.js';

const FRAME = { width: 800, height: 600 };
const low = lineSchema.parse({ id: 'low', name: 'Low', from: [0.2, 0.95], to: [0.8, 0.95] });
const middle = lineSchema.parse({
  id: 'middle',
  name: 'Middle',
  from: [0.5, 0.3],
  via: [[0.5, 0.5]],
  to: [0.6, 0.6],
});
const zone = zoneSchema.parse({
  id: 'spot',
  name: 'Spot',
  polygon: [
    [0.5, 0.5],
    [0.53, 0.5],
    [0.53, 0.54],
    [0.5, 0.54],
  ],
});

function track(x: number, y: number, at: number, h = 100): Track {
  const box = { x: x - 20, y: y - h, w: 40, h };
  return {
    id: 1,
    box,
    measured: box,
    score: 1,
    state: 'confirmed',
    velocity: { x: 0, y: 0 },
    bornAt: 0,
    seenAt: at,
  };
}

function watch(fps = 10, seconds = 30) {
  const geometry = new GeometryWatch({ lines: [low, middle], zones: [zone], fps });
  for (let second = 0; second < seconds; second++) {
    const at = second * 1000;
    geometry.see({ ...FRAME, at }, [track(400, 560, at), track(400, 320, at), track(20, 20, at, 30)]);
  }
  return geometry;
}

describe('advice for a camera', () => {
  it('comes from the people seen near each line and zone, and leaves a good line alone', () => {
    const { lines, zones } = watch().advice(10);
    expect(lines).toMatchObject([
      { id: 'low', neededFps: null },
      { id: 'middle', neededFps: 5.9, advice: [] },
    ]);
    expect(lines[0]?.advice[0]).toMatchObject({ code: 'edge-too-close', edge: 'lower' });
    expect(zones[0]?.advice).toEqual([{ code: 'zone-too-narrow' }]);
  });

  it('waits until enough people were seen', () => {
    expect(
      watch(10, 5)
        .advice(undefined)
        .lines.map(({ advice }) => advice),
    ).toEqual([[], []]);
  });

  it('knows how tall people would be at a line where nobody is seen', () => {
    const geometry = new GeometryWatch({ lines: [low], zones: [], fps: 10 });
    for (let second = 0; second < 30; second++) {
      const y = 200 + 4 * second;
      geometry.see({ ...FRAME, at: second * 1000 }, [track(400, y, second * 1000, y / 4)]);
    }
    // 79 px, the tallest that was seen, at y = 570 of 600.
    const [advice] = geometry.advice(10).lines;
    expect(advice?.advice[0]).toMatchObject({ code: 'edge-too-close', edge: 'lower', percent: 15 });
  });

  it('says at once that a frame rate is set too low', () => {
    const { lines } = watch(3, 0).advice(undefined);
    expect(lines[0]?.advice).toEqual([{ code: 'raise-fps', needed: 6, configured: 3 }]);
  });
});
