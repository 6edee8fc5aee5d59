import type { Direction } from '@headcount/shared';

/** A clip begins so long before somebody comes near and ends so long after they have gone (ms): nobody is on its edge. */
const MARGIN_MS = 1500;
/** Where somebody is always near, a clip is cut after so long (ms) and the next one begins. */
const LONGEST_MS = 6000;
/** Crossings are decided up to so much later than they happened (ms): somebody who leaves the picture, 1.5 s. */
const DECIDED_MS = 2000;

/** How far back pictures are needed for a clip: while somebody is near, and while nobody is (ms). */
export const WINDOW_MS = LONGEST_MS + DECIDED_MS + MARGIN_MS;
export const BEFORE_MS = DECIDED_MS + MARGIN_MS;

/** A stretch of time in which somebody was near a line, with what was counted meanwhile. Times are UTC ms. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly counted: { readonly in: number; readonly out: number };
}

interface Crossed {
  readonly direction: Direction;
  readonly at: number;
}

/**
 * Cuts the time of one line into windows with somebody near. Every crossing lies in exactly one: somebody who crosses is
 * near, and where few frames a second miss that, the crossing itself begins a window.
 */
export class LineWindows {
  private open: { from: number; lastNear: number } | undefined;
  private closing: { from: number; to: number }[] = [];
  private crossings: Crossed[] = [];
  private closedUntil = -Infinity;
  private lastAt = -Infinity;

  /**
   * Feed one frame.
   * @param crossings that were decided with it
   * @returns windows about which everything is known now
   */
  update(at: number, near: boolean, crossings: readonly Crossed[]): Window[] {
    if (at < this.lastAt) this.forget();
    this.lastAt = at;
    this.crossings = [...this.crossings, ...crossings].filter(
      (crossing) => at - crossing.at <= 2 * WINDOW_MS,
    );
    this.advance(at, near, crossings);
    const done = this.closing.filter(({ to }) => at >= to + DECIDED_MS);
    this.closing = this.closing.filter(({ to }) => at < to + DECIDED_MS);
    return done.map((window) => ({ ...window, counted: this.countedIn(window) }));
  }

  /** True while a window is open, or waits for what is still undecided. */
  get busy(): boolean {
    return this.open !== undefined || this.closing.length > 0;
  }

  private advance(at: number, near: boolean, crossings: readonly Crossed[]): void {
    if (this.open === undefined) {
      const outside = crossings.filter((crossing) => crossing.at >= this.closedUntil);
      if (!near && outside.length === 0) return;
      const first = Math.min(at, ...outside.map((crossing) => crossing.at));
      this.open = { from: Math.max(first - MARGIN_MS, this.closedUntil), lastNear: at };
      return;
    }
    if (near) this.open.lastNear = at;
    const { from, lastNear } = this.open;
    const cut = at - from >= LONGEST_MS;
    if (!cut && at - lastNear < MARGIN_MS) return;
    this.closing.push({ from, to: at });
    this.closedUntil = at;
    this.open = cut && near ? { from: at, lastNear: at } : undefined;
  }

  /** The clock stepped back: times from before say nothing any more. */
  private forget(): void {
    this.open = undefined;
    this.closing = [];
    this.crossings = [];
    this.closedUntil = -Infinity;
  }

  private countedIn({ from, to }: { from: number; to: number }): { in: number; out: number } {
    const inside = this.crossings.filter(({ at }) => at >= from && at < to);
    const ways = (way: Direction) => inside.filter(({ direction }) => direction === way).length;
    return { in: ways('in'), out: ways('out') };
  }
}
