import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffSettings, patchSettings } from './settings.js';

describe('the difference', () => {
  it('names fields by the ids of cameras and lines, wherever they stand in their list', () => {
    const before = {
      logLevel: 'info',
      cameras: [
        { id: 'door', fps: 5, lines: [{ id: 'a', name: 'A', from: [0, 0] }] },
        { id: 'hall', enabled: true },
      ],
    };
    const after = {
      detector: { threshold: 0.4 },
      cameras: [
        { id: 'hall', enabled: true },
        { id: 'door', fps: 10, lines: [{ id: 'a', name: 'A', from: [0, 0.5] }] },
      ],
    };
    expect(diffSettings(before, after)).toEqual([
      { path: 'cameras.door.fps', before: 5, after: 10 },
      { path: 'cameras.door.lines.a.from', before: [0, 0], after: [0, 0.5] },
      { path: 'detector.threshold', before: undefined, after: 0.4 },
      { path: 'logLevel', before: 'info', after: undefined },
    ]);
  });
});

describe('a patch', () => {
  it('reaches every camera of the gateway, those that the settings do not name too', () => {
    const settings = { cameras: [{ id: 'door', fps: 5, person: { minHeight: 0.1 } }] };
    const patch = { cameras: [{ id: '*', fps: 8, person: { maxHeight: 0.9 } }], logLevel: 'debug' };
    expect(patchSettings(settings, patch, ['door', 'hall'])).toEqual({
      logLevel: 'debug',
      cameras: [
        { id: 'door', fps: 8, person: { minHeight: 0.1, maxHeight: 0.9 } },
        { id: 'hall', fps: 8, person: { maxHeight: 0.9 } },
      ],
    });
  });

  it('takes a field away with null', () => {
    const settings = { logLevel: 'debug', cameras: [{ id: 'door', fps: 5, tiles: '2x2' }] };
    expect(patchSettings(settings, { logLevel: null, cameras: [{ id: 'door', tiles: null }] }, [])).toEqual({
      cameras: [{ id: 'door', fps: 5 }],
    });
  });

  it('laid over again changes nothing, and leaves what it was given alone', () => {
    const camera = fc.record(
      {
        id: fc.constantFrom('a', 'b'),
        fps: fc.option(fc.integer({ min: 1, max: 30 })),
        tiles: fc.constant('1x1'),
      },
      { requiredKeys: ['id'] },
    );
    const cameras = fc.uniqueArray(camera, { selector: ({ id }) => id, maxLength: 2 });
    const settings = fc.record({ cameras, logLevel: fc.option(fc.constant('info')) }, { requiredKeys: [] });
    fc.assert(
      fc.property(settings, settings, (before, patch) => {
        const copy = structuredClone(before);
        const once = patchSettings(before, patch, ['a', 'b']);
        expect(before).toEqual(copy);
        expect(patchSettings(once, patch, ['a', 'b'])).toEqual(once);
        expect(diffSettings(once, once)).toEqual([]);
      }),
    );
  });
});
