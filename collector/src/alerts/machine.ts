/** Moves of an alert, as the state table of the operations design has them. Pure; times are UTC ms, lengths ms. */
import type { AlertTables } from '../store/tables-alerts.js';

export type AlertState = AlertTables['alert']['state'];
export type ResolveReason = NonNullable<AlertTables['alert']['resolve_reason']>;

const HOUR_MS = 3_600_000;
/** Returns within an hour that make an alert a flapping one, and how much longer it must then be quiet. */
const FLAPPING_RETURNS = 4;
const FLAPPING_KEEP = 4;
/** Quiet time of a flapping alert is not stretched beyond this. */
const LONGEST_KEEP_MS = HOUR_MS;
/** Unknown for so many periods of its signal is no data. */
const NO_DATA_PERIODS = 3;

/** What is remembered of an alert between two looks. */
export interface Instance {
  readonly state: AlertState;
  readonly firstTrueAt: number;
  readonly firedAt: number | null;
  readonly clearingAt: number | null;
  readonly resolvedAt: number | null;
  readonly resolveReason: ResolveReason | null;
  readonly unknownSince: number | null;
  readonly noDataSince: number | null;
  /** When it came back while clearing, within the last hour. */
  readonly flaps: readonly number[];
}

/** What is seen of a condition: `gone` when its place or its rule is not there any more, `stale` when who reported it is silent. */
export type Seen = 'true' | 'false' | 'unknown' | 'gone' | 'stale';

/** How long conditions must hold. */
export interface Timing {
  readonly now: number;
  readonly forMs: number;
  readonly keepMs: number;
  /** Of the signal. */
  readonly periodMs: number;
  /** The value rests on as many observations as the rule wants. */
  readonly enough: boolean;
}

export type Move =
  | {
      readonly kind: 'open' | 'drop' | 'fire' | 'clear' | 'refire' | 'unknown' | 'known' | 'no-data' | 'none';
    }
  | { readonly kind: 'resolve'; readonly reason: ResolveReason };

const NONE: Move = { kind: 'none' };

/** What happens to an alert, or to a condition that has none. */
export function nextMove(instance: Instance | undefined, seen: Seen, timing: Timing): Move {
  if (instance === undefined) return seen === 'true' ? { kind: 'open' } : NONE;
  switch (instance.state) {
    case 'pending':
      return ofPending(instance, seen, timing);
    case 'firing':
    case 'clearing':
      return ofOpen(instance, seen, timing);
    case 'resolved':
      return NONE;
  }
}

function ofPending({ firstTrueAt }: Instance, seen: Seen, { now, forMs, enough }: Timing): Move {
  if (seen === 'unknown') return NONE;
  if (seen !== 'true') return { kind: 'drop' };
  return now - firstTrueAt >= forMs && enough ? { kind: 'fire' } : NONE;
}

function ofOpen(instance: Instance, seen: Seen, { now, keepMs, periodMs }: Timing): Move {
  const { state, unknownSince, noDataSince, clearingAt, flaps } = instance;
  if (seen === 'gone') return { kind: 'resolve', reason: 'rule_removed' };
  if (seen === 'stale') return { kind: 'resolve', reason: 'stale' };
  if (seen === 'unknown') {
    if (unknownSince === null) return { kind: 'unknown' };
    const late = noDataSince === null && now - unknownSince > NO_DATA_PERIODS * periodMs;
    return late ? { kind: 'no-data' } : NONE;
  }
  if (unknownSince !== null) return { kind: 'known' };
  if (state === 'firing') return seen === 'false' ? { kind: 'clear' } : NONE;
  if (seen === 'true') return { kind: 'refire' };
  const quiet = now - (clearingAt ?? now) >= keepOf(keepMs, flaps, now);
  return quiet ? { kind: 'resolve', reason: 'auto' } : NONE;
}

/** Whether it comes back so often that it must be quiet for longer. */
export function isFlapping(flaps: readonly number[], now: number): boolean {
  return recent(flaps, now).length >= FLAPPING_RETURNS;
}

/** How long the condition must be false before the alert resolves. */
export function keepOf(keepMs: number, flaps: readonly number[], now: number): number {
  if (!isFlapping(flaps, now)) return keepMs;
  return Math.max(keepMs, Math.min(FLAPPING_KEEP * keepMs, LONGEST_KEEP_MS));
}

function recent(flaps: readonly number[], now: number): number[] {
  return flaps.filter((at) => now - at < HOUR_MS);
}

/** The states that each move may leave; whatever is not here is refused. */
const LEAVES: Readonly<Record<Exclude<Move['kind'], 'open' | 'none' | 'drop'>, readonly AlertState[]>> = {
  fire: ['pending'],
  clear: ['firing'],
  refire: ['clearing'],
  resolve: ['firing', 'clearing'],
  unknown: ['firing', 'clearing'],
  known: ['firing', 'clearing'],
  'no-data': ['firing', 'clearing'],
};

/** A move that the state of an alert does not allow. */
export class IllegalMoveError extends Error {
  override readonly name = 'IllegalMoveError';
}

export function opened(now: number): Instance {
  return {
    ...{ state: 'pending', firstTrueAt: now, firedAt: null, clearingAt: null, resolvedAt: null },
    ...{ resolveReason: null, unknownSince: null, noDataSince: null, flaps: [] },
  };
}

/** The alert after a move that keeps it. @throws IllegalMoveError when its state does not allow it */
export function moved(instance: Instance, move: Move, now: number): Instance {
  const { kind } = move;
  if (kind === 'none') return instance;
  if (kind === 'open' || kind === 'drop') throw new IllegalMoveError(`${kind} makes or removes an alert`);
  if (!LEAVES[kind].includes(instance.state))
    throw new IllegalMoveError(`an alert that is ${instance.state} cannot ${kind}`);
  const known = { unknownSince: null, noDataSince: null };
  switch (kind) {
    case 'fire':
      return { ...instance, state: 'firing', firedAt: now };
    case 'clear':
      return { ...instance, state: 'clearing', clearingAt: now };
    case 'refire':
      return { ...instance, state: 'firing', clearingAt: null, flaps: [...recent(instance.flaps, now), now] };
    case 'resolve':
      return { ...instance, ...known, state: 'resolved', resolvedAt: now, resolveReason: move.reason };
    case 'unknown':
      return { ...instance, unknownSince: now };
    case 'no-data':
      return { ...instance, noDataSince: instance.unknownSince };
    case 'known':
      // Nobody saw that it was quiet meanwhile.
      return { ...instance, ...known, clearingAt: instance.state === 'clearing' ? now : null };
  }
}
