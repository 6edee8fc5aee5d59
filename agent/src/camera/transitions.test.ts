import { CAMERA_STATES, type CameraCause, type CameraState } from '@headcount/shared';
import { describe, expect, it } from 'vitest';
import { backoffMs, nextState, type CameraEvent } from './transitions.js';

describe('a camera', () => {
  const moves: readonly [`${CameraState}: ${CameraCause}`, CameraEvent, string][] = [
    ['connecting: started', { kind: 'frame' }, 'streaming: first-frame'],
    ['streaming: first-frame', { kind: 'no-frame' }, 'stalled: silent'],
    ['stalled: silent', { kind: 'frame' }, 'streaming: first-frame'],
    ['stalled: silent', { kind: 'source-ended', cause: 'silent' }, 'backoff: silent'],
    ['streaming: first-frame', { kind: 'source-ended', cause: 'stream-ended' }, 'backoff: stream-ended'],
    ['connecting: retry', { kind: 'source-ended', cause: 'unauthorized' }, 'backoff: unauthorized'],
    ['backoff: stream-ended', { kind: 'diagnosed', cause: 'refused' }, 'backoff: refused'],
    ['backoff: refused', { kind: 'retry' }, 'connecting: retry'],
    ['streaming: first-frame', { kind: 'condition', cause: 'decode-errors' }, 'streaming: decode-errors'],
    ['streaming: decode-errors', { kind: 'condition', cause: 'cpu-pressure' }, 'streaming: cpu-pressure'],
    ['streaming: decode-errors', { kind: 'condition', cause: undefined }, 'streaming: recovered'],
    ['streaming: recovered', { kind: 'condition', cause: 'frozen' }, 'stalled: frozen'],
    ['stalled: frozen', { kind: 'no-frame' }, 'stalled: silent'],
    ['stalled: frozen', { kind: 'condition', cause: undefined }, 'streaming: recovered'],
    ['stalled: frozen', { kind: 'condition', cause: 'decode-errors' }, 'streaming: decode-errors'],
  ];
  const transition = (text: string) => {
    const [state, cause] = text.split(': ') as [CameraState, CameraCause];
    return { state, cause };
  };
  it.each(moves)('that is %s moves on %j to %s', (from, event, next) => {
    const move = nextState(transition(from), event);
    expect(`${move?.state}: ${move?.cause}`).toBe(next);
  });

  const nothing: readonly [string, CameraEvent][] = [
    ['stalled: frozen', { kind: 'frame' }],
    ['stalled: frozen', { kind: 'condition', cause: 'frozen' }],
    ['stalled: silent', { kind: 'condition', cause: 'frozen' }],
    ['streaming: first-frame', { kind: 'condition', cause: undefined }],
    ['streaming: recovered', { kind: 'condition', cause: undefined }],
    ['streaming: frozen', { kind: 'diagnosed', cause: 'refused' }],
    ['backoff: refused', { kind: 'diagnosed', cause: 'refused' }],
    ['connecting: retry', { kind: 'condition', cause: 'clock-step' }],
  ];
  it.each(nothing)('that is %s stays on %j', (from, event) => {
    expect(nextState(transition(from), event)).toBeUndefined();
  });

  it.each(CAMERA_STATES.filter((state) => state !== 'streaming'))('that is %s does not stall', (state) => {
    expect(nextState({ state, cause: 'silent' }, { kind: 'no-frame' })).toBeUndefined();
  });
});

describe('the pause between attempts', () => {
  it('lies between a second and three times the last one, up to the longest', () => {
    const pause = (previous: number, random: number) => backoffMs(previous, random, 300_000);
    expect([pause(0, 0), pause(0, 1)]).toEqual([1000, 3000]);
    expect([pause(20_000, 0), pause(20_000, 0.5), pause(20_000, 1)]).toEqual([1000, 30_500, 60_000]);
    expect(pause(300_000, 1)).toBe(300_000);
  });
});
