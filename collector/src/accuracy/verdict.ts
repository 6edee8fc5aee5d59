import { wilsonBounds, type AuditResult } from '@headcount/shared';

/** The promise to customers: more than 95 of 100 crossings right. */
export const TARGET = 0.95;

/** What a person found in a clip or a minute, beside what the machine had counted. */
export type AuditedClip = Pick<AuditResult, 'person' | 'machine' | 'kept' | 'of'>;

/** Mistakes of the machine. */
export interface Errors {
  readonly misses: number;
  readonly extra: number;
  /** Counted, but the other way round. */
  readonly turned: number;
}

/** What audits say of a line. */
export interface Assessment extends Errors {
  /** Crossings that the person counted. */
  readonly events: number;
  /** 1 - mistakes / crossings, each clip weighed by how many it stands for; null without crossings. */
  readonly accuracy: number | null;
  /** One-sided 95 % Wilson bounds. */
  readonly lower: number | null;
  readonly upper: number | null;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
}

/**
 * Mistakes in one clip. A miss in one direction and an extra count in the other are one crossing that was turned round; nothing
 * else cancels out, unlike in a difference of totals.
 */
export function errorsIn({ person, machine }: Pick<AuditedClip, 'person' | 'machine'>): Errors {
  const missed = { in: Math.max(0, person.in - machine.in), out: Math.max(0, person.out - machine.out) };
  const more = { in: Math.max(0, machine.in - person.in), out: Math.max(0, machine.out - person.out) };
  const turned = Math.min(missed.in, more.out) + Math.min(missed.out, more.in);
  return { misses: missed.in + missed.out - turned, extra: more.in + more.out - turned, turned };
}

/**
 * Judge clips. Those in which the machine counted and those in which somebody only came near are drawn with different chances
 * (kept / of), so that each weighs what it stands for. The bounds use Kish's effective number of events, (sum w)² / sum w², of
 * Kish, Survey Sampling (1965). Pass: at least 95 % with 95 % certainty. Fail: at most that with 95 % certainty. Too few events
 * for either say nothing, and are not a pass.
 */
export function assess(clips: readonly AuditedClip[]): Assessment {
  let [events, truth, wrong, squares] = [0, 0, 0, 0];
  const found = { misses: 0, extra: 0, turned: 0 };
  for (const clip of clips) {
    const crossings = clip.person.in + clip.person.out;
    const { misses, extra, turned } = errorsIn(clip);
    const weight = clip.of / clip.kept;
    events += crossings;
    truth += weight * crossings;
    wrong += weight * (misses + extra + turned);
    squares += weight * weight * crossings;
    found.misses += misses;
    found.extra += extra;
    found.turned += turned;
  }
  const accuracy = truth === 0 ? null : Math.max(0, 1 - wrong / truth);
  const effective = squares === 0 ? 0 : (truth * truth) / squares;
  const bounds = wilsonBounds((accuracy ?? 0) * effective, effective);
  const [lower, upper] = [bounds?.low ?? null, bounds?.high ?? null];
  return { events, ...found, accuracy, lower, upper, verdict: verdictOf(lower, upper) };
}

function verdictOf(lower: number | null, upper: number | null): Assessment['verdict'] {
  if (lower !== null && lower >= TARGET) return 'pass';
  return upper !== null && upper < TARGET ? 'fail' : 'inconclusive';
}

/** No person looks at more crossings than this. */
const MOST_EVENTS = 20_000;

/**
 * Crossings that must be looked at until a line that is right so often passes, with whole mistakes.
 * @param share of crossings that are right, 0 to 1
 * @returns null where no number that a person can look at is enough
 */
export function eventsNeeded(share: number): number | null {
  if (share <= TARGET) return null;
  for (let events = 1; events <= MOST_EVENTS; events++) {
    // Without the last digits, in which 1 - 0.99 is more than 0.01.
    const mistakes = Math.ceil(Number(((1 - share) * events).toFixed(9)));
    if ((wilsonBounds(events - mistakes, events)?.low ?? 0) >= TARGET) return events;
  }
  return null;
}
