/** The hour in which a time lies: hours since 1970. */
export function hourOf(at: number): number {
  return Math.floor(at / 3_600_000);
}

/**
 * Draws a bounded sample in which everything of an hour has the same chance, however much comes: the first ones are all
 * taken, after that the n-th replaces one of them with the chance size / n (algorithm R; Vitter: Random Sampling with a
 * Reservoir, ACM TOMS 1985).
 */
export class Reservoir {
  private readonly size: number;
  private readonly random: () => number;
  private hour = 0;
  private seen = 0;

  /** @param options.random 0 to 1, 1 excluded */
  constructor(options: { size: number; random: () => number }) {
    this.size = options.size;
    this.random = options.random;
  }

  /** Go on where it stood before a restart. */
  resume(hour: number, seen: number): void {
    this.hour = hour;
    this.seen = seen;
  }

  /** @returns the place that the thing takes, 0 to size - 1; undefined when it is not taken */
  draw(at: number): number | undefined {
    const hour = hourOf(at);
    if (hour !== this.hour) this.resume(hour, 0);
    this.seen += 1;
    if (this.seen <= this.size) return this.seen - 1;
    const place = Math.floor(this.random() * this.seen);
    return place < this.size ? place : undefined;
  }

  /** How many there were to draw from in this hour, and how many it keeps of them. */
  get drawn(): { readonly hour: number; readonly kept: number; readonly of: number } {
    return { hour: this.hour, kept: Math.min(this.seen, this.size), of: this.seen };
  }
}
