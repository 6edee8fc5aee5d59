import { describe, expect, it } from 'vitest';
import type { Advice } from './advice.js';
import {
  adviseFps,
  adviseLine,
  adviseZone,
  requiredFps,
  roomBeside,
  type LineGeometry,
} from './line-advice.js';

const FRAME = { width: 600, height: 400 };

function advise(path: LineGeometry['path'], change: Partial<LineGeometry> = {}): Advice[] {
  return adviseLine({ path, frame: FRAME, personHeight: 100, anchor: 'bottom-centre', ...change });
}

const across = (y: number) => [
  { x: 100, y },
  { x: 500, y },
];

describe('advice for a line', () => {
  it.each([
    ['in the middle', across(200)],
    [
      'from the upper to the lower edge, crossed sideways',
      [
        { x: 300, y: 0 },
        { x: 300, y: 400 },
      ],
    ],
  ])('%s is to leave it', (_, path) => {
    expect(advise(path)).toEqual([]);
  });

  it.each([
    ['lower', across(370), 25],
    ['upper', across(20), 25],
    [
      'left',
      [
        { x: 30, y: 100 },
        { x: 30, y: 300 },
      ],
      20,
    ],
    [
      'right',
      [
        { x: 580, y: 300 },
        { x: 580, y: 100 },
      ],
      20,
    ],
  ])('at the %s edge says how far to move it', (edge, path, percent) => {
    const rest = { part: null, anchor: 'bottom-centre' };
    expect(advise(path)).toEqual([{ code: 'edge-too-close', edge, percent, ...rest }]);
  });

  it('of several parts names the one that is too close', () => {
    const path = [
      { x: 100, y: 200 },
      { x: 300, y: 200 },
      { x: 300, y: 390 },
      { x: 500, y: 390 },
    ];
    expect(advise(path)).toEqual([
      expect.objectContaining({ code: 'edge-too-close', part: 3, edge: 'lower' }),
    ]);
  });

  it('that is shorter than a person is wide says how long it should be', () => {
    const path = [
      { x: 290, y: 200 },
      { x: 310, y: 200 },
    ];
    expect(advise(path)).toEqual([{ code: 'line-too-short', percent: 10 }]);
  });

  it('across which people are taller than half the picture is about the camera, not the line', () => {
    expect(advise(across(200), { personHeight: 300 })).toEqual([{ code: 'people-too-large', part: null }]);
  });

  it('is silent while nobody was seen near it', () => {
    expect(advise(across(395), { personHeight: undefined })).toEqual([]);
  });
});

describe('the frame rate that a line needs', () => {
  const line = { personHeight: 100, band: 0.15, settleMs: 150 };

  it('gives a runner two samples on each side', () => {
    // One height less the band at 2.5 heights per second are 340 ms a side: a sample every 170 ms.
    expect(requiredFps(line)).toBeCloseTo(1000 / 170, 3);
    expect(requiredFps({ ...line, speed: 0.8 })).toBeCloseTo(2000 / 1062.5, 3);
  });

  it('rises when less is seen, and has no answer when a side cannot settle', () => {
    expect(requiredFps({ ...line, room: 70 })).toBeGreaterThan(requiredFps(line));
    expect(requiredFps({ ...line, transitMs: 600 })).toBeGreaterThan(
      requiredFps({ ...line, transitMs: 800 }),
    );
    expect(requiredFps({ ...line, room: 40 })).toBe(Infinity);
  });

  it('is enough in a simulation of every phase between camera and person, and a bit less is not', () => {
    for (const transitMs of [500, 600, 800, 1500]) {
      const sideMs = transitMs / 2 - (1000 * line.band) / 2.5;
      const settlesAlways = (fps: number) =>
        Array.from({ length: 200 }, (_, phase) => ((phase + 0.5) / 200) * (1000 / fps)).every((first) => {
          const samples = Math.floor((sideMs - first) / (1000 / fps)) + 1;
          return samples >= 2 && (samples - 1) * (1000 / fps) >= line.settleMs;
        });
      const needed = requiredFps({ ...line, transitMs });
      expect(settlesAlways(needed * 1.001)).toBe(true);
      expect(settlesAlways(needed * 0.97)).toBe(false);
    }
  });

  it('counts the shorter side of the line', () => {
    expect(roomBeside({ path: across(300), frame: FRAME })).toBe(100);
    expect(roomBeside({ path: across(50), frame: FRAME })).toBe(50);
  });

  it('is told against what the camera is set to and what comes', () => {
    expect(adviseFps({ needed: 5.9, configured: 10, measured: 9.8 })).toEqual([]);
    expect(adviseFps({ needed: 5.9, configured: 6, measured: undefined })).toEqual([]);
    expect(adviseFps({ needed: 5.9, configured: 3, measured: 3 })).toEqual([
      { code: 'raise-fps', needed: 6, configured: 3 },
    ]);
    expect(adviseFps({ needed: 5.9, configured: 10, measured: 4 })).toEqual([
      { code: 'rate-too-low', needed: 6 },
    ]);
    expect(adviseFps({ needed: Infinity, configured: 30, measured: 30 })).toEqual([
      { code: 'no-rate-enough' },
    ]);
  });
});

describe('advice for a zone', () => {
  const square = (side: number) => [
    { x: 0, y: 0 },
    { x: side, y: 0 },
    { x: side, y: side },
    { x: 0, y: side },
  ];

  it('asks for a larger one when a person is wider', () => {
    expect(adviseZone({ polygon: square(30), personHeight: 100 })).toEqual([{ code: 'zone-too-narrow' }]);
    expect(adviseZone({ polygon: square(200), personHeight: 100 })).toEqual([]);
    expect(adviseZone({ polygon: square(3), personHeight: undefined })).toEqual([]);
  });
});
