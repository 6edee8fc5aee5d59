import type { YuvImage } from './frame.js';

/**
 * A camera that shows nothing new for so long is frozen (ms). Sensor noise changes every picture of a camera that
 * works, also at night; the alert rule camera-frozen adds its own minute on top.
 */
const FROZEN_MS = 20_000;
/**
 * Pictures that are remembered: an encoder whose sensor stands still repeats its group of pictures, so the same few
 * come again and again; four seconds of ten a second.
 */
const REMEMBERED = 40;
/** Every eighth pixel of every fourth row: nobody of the size that a model finds fits between the samples. */
const STEP_X = 8;
const STEP_Y = 4;

/**
 * Tells a camera that sends the same pictures again and again, to the last bit of about 5000 samples. A sensor that
 * stands still behind an encoder that does not is not seen: its pictures differ as much as those of a quiet room.
 */
export class FrozenPicture {
  private readonly seen = new Set<number>();
  private newAt = 0;

  /**
   * Look at a frame.
   * @param at monotonic ms
   * @returns true when nothing new has been seen for too long
   */
  see(picture: YuvImage, at: number): boolean {
    const hash = sampleHash(picture);
    if (!this.seen.delete(hash)) this.newAt = at;
    // The newest last, so that the one that is forgotten is the one not seen for longest.
    this.seen.add(hash);
    const [oldest] = this.seen;
    if (this.seen.size > REMEMBERED && oldest !== undefined) this.seen.delete(oldest);
    return at - this.newAt >= FROZEN_MS;
  }

  /** A new stream, or one that was away: what it showed before proves nothing. */
  reset(): void {
    this.seen.clear();
  }
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo), over a grid of luma samples. */
function sampleHash({ y, width, height, strideY }: YuvImage): number {
  let hash = 0x811c9dc5;
  for (let row = 0; row < height; row += STEP_Y)
    for (let column = 0; column < width; column += STEP_X)
      hash = Math.imul(hash ^ (y[row * strideY + column] ?? 0), 0x01000193);
  return hash;
}
