import type { LiveEvent } from '../../schema/api.js';

type Seen = Extract<LiveEvent, { type: 'live' }>;

/** What a camera's gateway said last, and the newest crossing since the page was opened. */
export interface LiveCameraState {
  readonly seen: Seen;
  readonly lastCrossing: Seen['crossings'][number] | undefined;
}

/** Live cameras by "gateway/camera". */
export type LiveState = ReadonlyMap<string, LiveCameraState>;

/** The key of a camera in {@link LiveState}. */
export function cameraKey(gateway: string, camera: string): string {
  return `${gateway}/${camera}`;
}

/** The state after one more live event. */
export function withLive(state: LiveState, seen: Seen): LiveState {
  const key = cameraKey(seen.gateway, seen.camera);
  const lastCrossing = seen.crossings.at(-1) ?? state.get(key)?.lastCrossing;
  return new Map(state).set(key, { seen, lastCrossing });
}

/**
 * Pending crossings belong to intervals that are not stored yet; once the interval's counts are stored they must not be
 * added a second time, so they are set to zero until the gateway says more.
 */
export function withStored(
  state: LiveState,
  stored: { gateway: string; camera: string; line: string },
): LiveState {
  const key = cameraKey(stored.gateway, stored.camera);
  const known = state.get(key);
  if (known === undefined) return state;
  const lines = known.seen.lines.map((line) =>
    line.id === stored.line ? { ...line, pending: { in: 0, out: 0 } } : line,
  );
  return new Map(state).set(key, { ...known, seen: { ...known.seen, lines } });
}
