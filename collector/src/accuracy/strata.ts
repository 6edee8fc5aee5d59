import { bucketAt } from '../counts/zone.js';
import type { STRATUM_KINDS } from '../schema/accuracy.js';
import type { Density, Light } from '../schema/audit-terms.js';
import { assess, type Assessment, type AuditedClip } from './verdict.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Parts of the site day that light and crowds make different: each begins at its hour. */
const PARTS = [0, 6, 10, 16, 20, 24] as const;
/**
 * Crossings per minute from which on people are close to each other. Below six they come one by one, ten seconds apart; above thirty
 * they come every two seconds and walk beside and behind each other: nearly half of what a door of a metre can take (73 a minute,
 * Weidmann, Transporttechnik der Fußgänger, 1993).
 */
const MEDIUM_FROM = 6;
const HIGH_ABOVE = 30;

/** What a person counted in a stretch of time beside what the machine counted, and under which circumstances. UTC ms. */
export interface Evidence extends AuditedClip {
  readonly from: number;
  readonly to: number;
  /** Of a tally or an imported row; null for a clip. */
  readonly audit: string | null;
  /** Kept because somebody crossed: that one crossing says nothing of how many people there were. */
  readonly keptForCrossing: boolean;
  /** When the person was done. */
  readonly answeredAt: number;
  readonly configVersion: string;
  readonly modelHash: string;
  /** As the person said; null where they said nothing. */
  readonly light: Light | null;
  readonly density: Density | null;
}

/** Evidence under one circumstance. */
export interface Stratum extends Assessment {
  readonly kind: (typeof STRATUM_KINDS)[number];
  readonly name: string;
}

/** How close people were, as the person said or else from how many crossed per minute. */
export function densityOf(
  one: Pick<Evidence, 'from' | 'to' | 'person' | 'density' | 'keptForCrossing'>,
): Density {
  if (one.density !== null) return one.density;
  const crossings = one.person.in + one.person.out - (one.keptForCrossing ? 1 : 0);
  const perMinute = (Math.max(0, crossings) * MINUTE_MS) / Math.max(1, one.to - one.from);
  if (perMinute < MEDIUM_FROM) return 'low';
  return perMinute > HIGH_ABOVE ? 'high' : 'medium';
}

/**
 * The circumstances under which a line is worst: part of the site day, light or density. A kind of which only one was audited says no
 * more than the total, so that it is left out; so is a light that nobody named, and a stretch that lies in several parts of the day.
 */
export function worstStratum(all: readonly Evidence[], timeZone: string): Stratum | null {
  const strata = [
    ...strataOf('hours', all, (one) => partOfDay(one, timeZone)),
    ...strataOf('light', all, ({ light }) => light),
    ...strataOf('density', all, densityOf),
  ];
  const [first, ...others] = strata;
  if (first === undefined) return null;
  return others.reduce((worst, one) => ((one.accuracy ?? 1) < (worst.accuracy ?? 1) ? one : worst), first);
}

function strataOf(
  kind: Stratum['kind'],
  all: readonly Evidence[],
  nameOf: (one: Evidence) => string | null,
): Stratum[] {
  const named = new Map<string, Evidence[]>();
  for (const one of all) {
    const name = nameOf(one);
    if (name === null) continue;
    named.set(name, [...(named.get(name) ?? []), one]);
  }
  const strata = [...named]
    .map(([name, evidence]) => ({ kind, name, ...assess(evidence) }))
    .filter(({ accuracy }) => accuracy !== null);
  return strata.length < 2 ? [] : strata;
}

/** Such as "06-10"; null for a stretch that lies in several. */
function partOfDay({ from, to }: Evidence, timeZone: string): string | null {
  const hourOf = (at: number) => Math.floor((at - bucketAt(timeZone, 'day', at).start) / HOUR_MS);
  const partOf = (at: number) => PARTS.findLastIndex((hour) => hour <= hourOf(at));
  const index = partOf(from);
  if (partOf(Math.max(from, to - 1)) !== index || to - from > 12 * HOUR_MS) return null;
  const name = (hour: number | undefined) => String(hour ?? 24).padStart(2, '0');
  return `${name(PARTS[index])}-${name(PARTS[index + 1])}`;
}
