import type { CountTables, RollupKey } from '../store/tables-counts.js';
import { shareOf } from './overlap.js';
import { larger } from './sums.js';
import { bucketAt, type Span } from './zone.js';

/** Sums of one line or zone over one bucket. */
export type Rollup = CountTables['rollup'];
/** What of a bucket was not observed, or not to be trusted. */
export type RollupPart = CountTables['rollup_part'];

/** Sizes in which sums are kept; minutes are the intervals themselves, weeks are few days. */
const ROLLUP_SIZES = ['quarter', 'hour', 'day', 'month'] as const;
/** Those that are made of quarters. */
export const LARGER_SIZES = ['hour', 'day', 'month'] as const;
/** One of {@link LARGER_SIZES}. */
export type LargerSize = (typeof LARGER_SIZES)[number];

/** What one interval of a line or a zone says; times are UTC ms. */
export interface Counted {
  readonly kind: 'line' | 'zone';
  readonly camera: string;
  readonly id: string;
  readonly start: number;
  readonly end: number;
  /** Crossings in, or entries of a zone. */
  readonly in: number;
  readonly out: number;
  readonly stitched: number;
  readonly observedMs: number;
  readonly occupancyMax: number | null;
  readonly queueMax: number | null;
  readonly dwellMs: number;
  readonly dwellVisits: number;
  readonly gaps: readonly { readonly reason: string; readonly ms: number }[];
  readonly suspect: readonly string[];
}

/** Collects sums by bucket, so that a batch touches each of them once. */
export class RollupSums {
  private readonly gateway: string;
  private readonly timeZone: string;
  private readonly rows = new Map<string, Rollup>();
  private readonly parts = new Map<string, RollupPart>();

  constructor(gateway: string, timeZone: string) {
    this.gateway = gateway;
    this.timeZone = timeZone;
  }

  /**
   * Add one interval to every bucket that it reaches into. One that reaches over several, because its gateway merged old
   * counts while it was offline, is spread evenly over them.
   */
  add(counted: Counted): void {
    for (const size of ROLLUP_SIZES) {
      let bucket = bucketAt(this.timeZone, size, counted.start);
      this.addShare(size, bucket, counted);
      while (bucket.end < counted.end) {
        bucket = bucketAt(this.timeZone, size, bucket.end);
        this.addShare(size, bucket, counted);
      }
    }
  }

  /** Add the sums of a quarter to its hour, day or month. */
  addQuarter(size: LargerSize, quarter: Rollup): void {
    mergeInto(this.row(size, bucketAt(this.timeZone, size, quarter.start_at), quarter), quarter);
  }

  /** Add what was not observed of a quarter, and why, to its hour, day or month. */
  addQuarterPart(size: LargerSize, quarter: RollupPart): void {
    const { start } = bucketAt(this.timeZone, size, quarter.start_at);
    this.addPart({ ...quarter, size, start_at: start }, quarter.part, quarter);
  }

  /** What was collected. */
  collected(): { rows: Rollup[]; parts: RollupPart[] } {
    return { rows: [...this.rows.values()], parts: [...this.parts.values()] };
  }

  private addShare(size: RollupKey['size'], bucket: Span, counted: Counted): void {
    const whole = bucket.start <= counted.start && counted.end <= bucket.end;
    const share = (total: number) => (whole ? total : shareOf(total, counted, bucket));
    const row = this.row(size, bucket, counted);
    mergeInto(row, {
      in_count: share(counted.in),
      out_count: share(counted.out),
      stitched: share(counted.stitched),
      observed_ms: share(counted.observedMs),
      covered_ms: share(counted.end - counted.start),
      spread: whole ? 0 : 1,
      occupancy_max: counted.occupancyMax,
      queue_max: counted.queueMax,
      dwell_ms: share(counted.dwellMs),
      dwell_visits: share(counted.dwellVisits),
    });
    for (const { reason, ms } of counted.gaps) this.addPart(row, 'gap', { reason, ms: share(ms) });
    for (const reason of counted.suspect)
      this.addPart(row, 'suspect', { reason, ms: share(counted.observedMs) });
  }

  private row(
    size: RollupKey['size'],
    bucket: Span,
    { kind, camera, id }: Pick<Counted, 'kind' | 'camera' | 'id'>,
  ): Rollup {
    const name = `${kind} ${size} ${bucket.start} ${camera} ${id}`;
    const known = this.rows.get(name);
    if (known !== undefined) return known;
    const key: RollupKey = { kind, size, gateway: this.gateway, start_at: bucket.start, camera, id };
    const made: Rollup = { ...key, end_at: bucket.end, ...NOTHING };
    this.rows.set(name, made);
    return made;
  }

  private addPart(
    { kind, size, gateway, start_at, camera, id }: RollupKey,
    part: RollupPart['part'],
    { reason, ms }: { reason: string; ms: number },
  ): void {
    const name = `${kind} ${size} ${start_at} ${camera} ${id} ${part} ${reason}`;
    const known = this.parts.get(name);
    if (known === undefined)
      this.parts.set(name, { kind, size, gateway, start_at, camera, id, part, reason, ms });
    else known.ms += ms;
  }
}

type Sums = Omit<Rollup, keyof RollupKey | 'end_at'>;

const NOTHING: Sums = {
  in_count: 0,
  out_count: 0,
  stitched: 0,
  observed_ms: 0,
  covered_ms: 0,
  spread: 0,
  occupancy_max: null,
  queue_max: null,
  dwell_ms: 0,
  dwell_visits: 0,
};

/** Columns that add up. */
const ADDED = [
  'in_count',
  'out_count',
  'stitched',
  'observed_ms',
  'covered_ms',
  'dwell_ms',
  'dwell_visits',
] as const;
/** Columns of which the largest counts. */
const LARGEST = ['occupancy_max', 'queue_max'] as const;

function mergeInto(row: Rollup, more: Sums): void {
  for (const column of ADDED) row[column] += more[column];
  for (const column of LARGEST) row[column] = larger(row[column], more[column]);
  row.spread = Math.max(row.spread, more.spread);
}
