/** One point is kept for so long (ms): a day in 144 points. */
const POINT_MS = 600_000;
const WINDOW_MS = 24 * 3_600_000;
/** Before this much is known, a single large file would already be a trend (ms). */
const SHORTEST_MS = 3_600_000;
/** A disk that takes longer is not about to fill: hours. */
const FARTHEST_HOURS = 365 * 24;

/** When a disk will be full: a straight line through its use in the last day. Pure; times are monotonic ms. */
export class DiskTrend {
  private points: { readonly at: number; readonly used: number }[] = [];

  /** Note the use at a time; of each ten minutes one point is kept, and none is older than a day. */
  add(at: number, usedBytes: number): void {
    const last = this.points.at(-1);
    if (last !== undefined && at - last.at < POINT_MS) return;
    this.points = [...this.points.filter((point) => at - point.at <= WINDOW_MS), { at, used: usedBytes }];
  }

  /** Hours until so many free bytes are used up; null while too little is known or the disk does not fill. */
  hoursUntilFull(freeBytes: number): number | null {
    const [first] = this.points;
    const last = this.points.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < SHORTEST_MS) return null;
    const perMs = slope(this.points);
    if (perMs <= 0) return null;
    const hours = Math.max(0, freeBytes) / perMs / 3_600_000;
    return hours <= FARTHEST_HOURS ? hours : null;
  }
}

/** Slope of the least-squares line, bytes per ms. */
function slope(points: readonly { readonly at: number; readonly used: number }[]): number {
  const mean = (of: (point: { at: number; used: number }) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanAt, meanUsed] = [mean(({ at }) => at), mean(({ used }) => used)];
  const both = mean(({ at, used }) => (at - meanAt) * (used - meanUsed));
  return both / mean(({ at }) => (at - meanAt) ** 2);
}
