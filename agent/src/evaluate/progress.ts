/** Where progress is written: stderr, or a text in tests. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A bar is drawn at most this often (ms). */
const REDRAW_MS = 200;
const BAR_CELLS = 24;
/** Lines between start and end where no terminal is. */
const LINES = 10;
/** 0.3 * 10 is 3, whatever the last bit says. */
const EPSILON = 1e-9;

/** Says how far a run is: a bar on a terminal, otherwise a line every 10 %. */
export class Progress {
  private readonly output: ProgressOutput;
  private readonly total: number;
  private readonly clock: () => number;
  private readonly startedAt: number;
  private frames = 0;
  private drawnAt = -Infinity;
  private nextLine = 1;

  /**
   * @param total number of the last frame; Infinity where nobody knows
   * @param clock monotonic ms
   */
  constructor(output: ProgressOutput, total: number, clock: () => number) {
    this.output = output;
    this.total = total;
    this.clock = clock;
    this.startedAt = clock();
  }

  /** @param frame number of the frame that was counted last, from 1 */
  update(frame: number): void {
    this.frames += 1;
    const share = Math.min(1, frame / this.total);
    if (this.output.isTTY === true) {
      if (this.clock() - this.drawnAt < REDRAW_MS) return;
      this.drawnAt = this.clock();
      const filled = Math.round(share * BAR_CELLS);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
      this.output.write(`\r${bar} ${this.words(share)}\x1b[K`);
    } else if (share * LINES >= this.nextLine - EPSILON) {
      this.output.write(`${this.words(share)}\n`);
      this.nextLine = Math.floor(share * LINES + EPSILON) + 1;
    }
  }

  /** Clear the bar. */
  end(): void {
    if (this.output.isTTY === true) this.output.write('\r\x1b[K');
  }

  private words(share: number): string {
    const seconds = Math.max(0.001, (this.clock() - this.startedAt) / 1000);
    const rate = (this.frames / seconds).toFixed(1);
    if (!Number.isFinite(this.total)) return `${this.frames} frames, ${rate} frames/s`;
    const left = share === 0 ? 0 : (seconds / share) * (1 - share);
    return `${Math.floor(share * 100 + EPSILON)} %, ${rate} frames/s, ${duration(left)} left`;
  }
}

/** 75 becomes "1:15". */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
