/** A condition must be seen for so long before it is told (ms); operations rules camera-frozen and camera-tamper. */
const HOLD_MS = 60_000;
/** … and not be seen for so long before it is called off; shorter breaks, such as one odd picture, do not count (ms). */
const RELEASE_MS = 10_000;

/** Turns what single pictures say into a condition with a beginning and an end. Times are monotonic ms. */
export class HeldCondition {
  private since: number | undefined;
  private lastSeen: number | undefined;
  private held: boolean;

  /** @param active whether it was told before a restart */
  constructor(active: boolean) {
    this.held = active;
  }

  get active(): boolean {
    return this.held;
  }

  /** @param seen undefined while nobody can tell */
  update(seen: boolean | undefined, at: number): void {
    if (seen === undefined) return;
    this.lastSeen ??= at;
    if (seen) {
      this.lastSeen = at;
      this.since ??= at;
      if (at - this.since >= HOLD_MS) this.held = true;
    } else if (at - this.lastSeen > RELEASE_MS) {
      this.since = undefined;
      this.held = false;
    }
  }

  /** The stream was interrupted: what has been told stays, what was about to be told begins again. */
  interrupt(): void {
    this.since = undefined;
    this.lastSeen = undefined;
  }
}
