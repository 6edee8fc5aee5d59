import type { Direction } from '@headcount/shared';

/** A clip begins so long before somebody comes near and ends so long after they have gone (ms): nobody is on its edge. */
const MARGIN_MS = 1500;
/** Where somebody is always near, a clip is cut after so long (ms) and the next one begins. */
const LONGEST_MS = 8000;
/** Crossings are decided up to so much later than they happened (ms): somebody who leaves the picture, 1.5 s. */
const DECIDED_MS = 2000;

/** How far back pictures are needed for a clip (ms). */
export const WINDOW_MS = MARGIN_MS + LONGEST_MS + DECIDED_MS;

/** A stretch of time in which somebody was near a line, with what was counted meanwhile. Times are UTC ms. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly counted: { readonly in: number; readonly out: number };
}

/**
 * Cuts the time of one line into windows with somebody near. Every crossing lies in exactly one, because somebody who
 * crosses is near.
 */
export class LineWindows {
  private open: { from: number; begun: number; lastNear: number } | undefined;
  private closing: { from: number; to: number }[] = [];
  private crossings: { direction: Direction; at: number }[] = [];

  /**
   * Feed one frame.
   * @param crossings that were decided with it
   * @returns windows about which everything is known now
   */
  update(
    at: number,
    near: boolean,
    crossings: readonly { readonly direction: Direction; readonly at: number }[],
  ): Window[] {
    this.crossings = [...this.crossings, ...crossings].filter(
      (crossing) => at - crossing.at <= 2 * WINDOW_MS,
    );
    this.advance(at, near);
    const done = this.closing.filter(({ to }) => at >= to + DECIDED_MS);
    this.closing = this.closing.filter(({ to }) => at < to + DECIDED_MS);
    return done.map((window) => ({ ...window, counted: this.countedIn(window) }));
  }

  private advance(at: number, near: boolean): void {
    if (this.open === undefined) {
      if (near) this.open = { from: at - MARGIN_MS, begun: at, lastNear: at };
      return;
    }
    if (near) this.open.lastNear = at;
    const { from, begun, lastNear } = this.open;
    if (at - lastNear >= MARGIN_MS) {
      this.closing.push({ from, to: at });
      this.open = undefined;
    } else if (at - begun >= LONGEST_MS - MARGIN_MS) {
      this.closing.push({ from, to: at });
      this.open = { from: at, begun: at, lastNear: at };
    }
  }

  private countedIn({ from, to }: { from: number; to: number }): { in: number; out: number } {
    const inside = this.crossings.filter(({ at }) => at >= from && at < to);
    const ways = (way: Direction) => inside.filter(({ direction }) => direction === way).length;
    return { in: ways('in'), out: ways('out') };
  }
}
