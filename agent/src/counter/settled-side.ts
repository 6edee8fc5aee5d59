/** One of the two sides of a line: +1 is the right-hand one. */
export type Side = -1 | 1;

/**
 * Half the width of the band around a line or a zone's boundary in which a side is not decided, as a fraction of the person's height:
 * a detected foot point wobbles by about 5 % of the height, and this is three times that.
 */
export const BAND = 0.15;
/** A person must stay on a side for so long before it counts as their side (ms). */
export const SETTLE_MS = 150;

/** The side at a signed distance from the boundary; undefined inside the band. */
export function sideAt(distance: number, height: number): Side | undefined {
  if (Math.abs(distance) < BAND * height) return undefined;
  return distance > 0 ? 1 : -1;
}

/**
 * Remembers on which side of a line somebody is. The first side seen counts at once, because nothing speaks against
 * it; another side must hold for a while, so that a box that flickers over the line changes nothing.
 */
export class SettledSide {
  settled: Side | undefined;
  /** The side being tried, since when (monotonic ms). */
  private candidate: Side | undefined;
  private candidateSince = 0;

  /** Somebody else with the same settled side. */
  copy(): SettledSide {
    const other = new SettledSide();
    other.settled = this.settled;
    return other;
  }

  /** @returns true when the settled side has changed to the other one */
  update(side: Side | undefined, at: number): boolean {
    if (side !== this.candidate) {
      this.candidate = side;
      this.candidateSince = at;
    }
    if (side === undefined || side === this.settled) return false;
    if (this.settled === undefined) {
      this.settled = side;
      return false;
    }
    if (at - this.candidateSince < SETTLE_MS) return false;
    this.settled = side;
    return true;
  }

  /** The other side, when it is being tried but has not held long enough. */
  get trying(): Side | undefined {
    return this.settled !== undefined && this.candidate !== this.settled ? this.candidate : undefined;
  }
}
