import { describe, expect, it } from 'vitest';
import { cameraKey, withLive, withStored, type LiveState } from './live-state.js';

const seen = (change: object = {}) => ({
  type: 'live' as const,
  gateway: 'lobby',
  camera: 'door',
  at: 1,
  fps: 10,
  inView: 2,
  lines: [{ id: 'a', pending: { in: 3, out: 1 } }],
  zones: [],
  crossings: [],
  ...change,
});
const empty: LiveState = new Map();

describe('live state', () => {
  it('remembers the newest crossing when later messages have none', () => {
    const crossing = { at: 5, line: 'a', direction: 'in' as const };
    const state = withLive(withLive(empty, seen({ crossings: [crossing] })), seen({ at: 2 }));
    expect(state.get(cameraKey('lobby', 'door'))?.lastCrossing).toEqual(crossing);
  });

  it('does not count crossings twice once they are stored', () => {
    const state = withStored(withLive(empty, seen()), { gateway: 'lobby', camera: 'door', line: 'a' });
    expect(state.get('lobby/door')?.seen.lines).toEqual([{ id: 'a', pending: { in: 0, out: 0 } }]);
  });

  it('ignores stored counts of a camera that has said nothing', () => {
    expect(withStored(empty, { gateway: 'lobby', camera: 'door', line: 'a' })).toBe(empty);
  });
});
