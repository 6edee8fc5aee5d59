import { CAMERA_STATES, type CameraState } from '@headcount/shared';
import { describe, expect, it } from 'vitest';
import { backoffMs, nextState, type CameraEvent } from './transitions.js';

describe('a camera', () => {
  const moves: readonly [CameraState, CameraEvent, string][] = [
    ['connecting', { kind: 'frame' }, 'streaming: first-frame'],
    ['streaming', { kind: 'no-frame' }, 'stalled: silent'],
    ['stalled', { kind: 'frame' }, 'streaming: first-frame'],
    ['stalled', { kind: 'source-ended', cause: 'silent' }, 'backoff: silent'],
    ['streaming', { kind: 'source-ended', cause: 'stream-ended' }, 'backoff: stream-ended'],
    ['connecting', { kind: 'source-ended', cause: 'unauthorized' }, 'backoff: unauthorized'],
    ['backoff', { kind: 'retry' }, 'connecting: retry'],
  ];
  it.each(moves)('that is %s moves on %j to %s', (state, event, next) => {
    const move = nextState(state, event);
    expect(`${move?.state}: ${move?.cause}`).toBe(next);
  });

  it.each(CAMERA_STATES.filter((state) => state !== 'streaming'))('that is %s does not stall', (state) => {
    expect(nextState(state, { kind: 'no-frame' })).toBeUndefined();
  });

  it('waits longer after every failure, up to 4 s, give or take a fifth', () => {
    expect([1, 2, 3, 4, 50].map((failures) => backoffMs(failures, 0.5))).toEqual([
      1000, 2000, 4000, 4000, 4000,
    ]);
    expect([backoffMs(3, 0), backoffMs(3, 1)]).toEqual([3200, 4800]);
  });
});
