import type { Frame, YuvImage } from '../camera/frame.js';

/** Side of the blocks whose mean luma is compared, in pixels of the model's input; the mean averages noise out. */
const BLOCK = 8;
/** Every second row is enough for the mean and halves the work. */
const ROW_STEP = 2;
/**
 * A block moves when its mean differs from the background by more than so many grey levels …
 * A person of contrast 10 who covers half a block changes it by 5.
 */
const LEAST_CHANGE = 3;
/** … and by so many standard deviations of its own noise; 5 sigma is one false block in 1.7 million. */
const NOISE_FACTOR = 5;
/** Noise that is assumed until it has been measured: grey levels of a block's mean. */
const FIRST_NOISE = 1;
/** The background follows slow light with this time constant where nothing moves (ms) … */
const FOLLOW_MS = 10_000;
/** … and takes in what came and stays, such as a parked trolley, with this one (ms). */
const ABSORB_MS = 30_000;
/** When more of the picture than this changes at once, it is the light, a covered lens or a moved camera. */
const LIGHT_JUMP_SHARE = 0.6;
/** How long the model keeps looking after the last movement (ms): people stop, and detectors miss a frame. */
const HOLD_MS = 2000;
/** The background is being learnt for so long after a start or a jump of the light; the model looks meanwhile (ms). */
const LEARN_MS = 2000;
/** The model looks so often whatever the gate says (ms): somebody may have come without contrast. */
const HEARTBEAT_MS = 10_000;

/** Decides for each frame of one camera whether the model must look at it. */
export interface MotionGate {
  /**
   * @param tracksAlive whether anybody is being followed, lost people included
   * @returns true when the model must look
   */
  mustLook(frame: Pick<Frame, 'views' | 'at'>, tracksAlive: boolean): boolean;
}

/** A gate that watches the very pixels that the model would see. Pure: time comes with the frame. */
export function createMotionGate(): MotionGate {
  let backgrounds: Background[] = [];
  let lookUntil = Number.NEGATIVE_INFINITY;
  let lastLook = Number.NEGATIVE_INFINITY;
  let lastAt = 0;
  return {
    mustLook({ views, at }, tracksAlive) {
      const sizes = views.map(({ image }) => blocksOf(image));
      if (sizes.some((blocks, index) => backgrounds[index]?.blocks !== blocks)) {
        backgrounds = sizes.map((blocks) => new Background(blocks));
        lookUntil = at + LEARN_MS;
      }
      const elapsed = at - lastAt;
      lastAt = at;
      // Every view is compared, also after one has moved: each must keep its background up to date.
      const changes = views.map(({ image }, index) => backgrounds[index]?.compare(image, elapsed) ?? 'moved');
      if (changes.includes('moved')) lookUntil = Math.max(lookUntil, at + HOLD_MS);
      if (changes.includes('light')) lookUntil = Math.max(lookUntil, at + LEARN_MS + HOLD_MS);
      const look = tracksAlive || at <= lookUntil || at - lastLook >= HEARTBEAT_MS;
      if (look) lastLook = at;
      return look;
    },
  };
}

function blocksOf({ width, height }: YuvImage): number {
  return Math.floor(width / BLOCK) * Math.floor(height / BLOCK);
}

/** Running mean and noise of every block's luma. */
class Background {
  readonly blocks: number;
  private readonly mean: Float32Array;
  private readonly variance: Float32Array;
  private readonly now: Float32Array;
  private empty = true;

  constructor(blocks: number) {
    this.blocks = blocks;
    this.mean = new Float32Array(blocks);
    this.variance = new Float32Array(blocks).fill(FIRST_NOISE ** 2);
    this.now = new Float32Array(blocks);
  }

  /** Compare an image with the background and take it in; `elapsed` in ms since the last one. */
  compare(image: YuvImage, elapsed: number): 'still' | 'moved' | 'light' {
    blockMeans(image, this.now);
    if (this.empty) {
      this.start();
      return 'moved';
    }
    const follow = 1 - Math.exp(-elapsed / FOLLOW_MS);
    const absorb = 1 - Math.exp(-elapsed / ABSORB_MS);
    let moved = 0;
    for (let block = 0; block < this.blocks; block++) {
      const change = (this.now[block] ?? 0) - (this.mean[block] ?? 0);
      const variance = this.variance[block] ?? 0;
      const moves = change * change > Math.max(LEAST_CHANGE ** 2, NOISE_FACTOR ** 2 * variance);
      if (moves) moved += 1;
      this.mean[block] = (this.mean[block] ?? 0) + (moves ? absorb : follow) * change;
      // Noise is learnt where nothing moves only, or a busy door would make itself deaf.
      if (!moves) this.variance[block] = variance + follow * (change * change - variance);
    }
    if (moved > LIGHT_JUMP_SHARE * this.blocks) {
      this.start();
      return 'light';
    }
    return moved > 0 ? 'moved' : 'still';
  }

  private start(): void {
    this.mean.set(this.now);
    this.variance.fill(FIRST_NOISE ** 2);
    this.empty = false;
  }
}

function blockMeans({ y, width, height, strideY }: YuvImage, means: Float32Array): void {
  const columns = Math.floor(width / BLOCK);
  const rows = Math.floor(height / BLOCK);
  const samples = (BLOCK * BLOCK) / ROW_STEP;
  for (let blockRow = 0; blockRow < rows; blockRow++) {
    const first = blockRow * columns;
    means.fill(0, first, first + columns);
    for (let row = blockRow * BLOCK; row < (blockRow + 1) * BLOCK; row += ROW_STEP) {
      let offset = row * strideY;
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let end = offset + BLOCK; offset < end; offset++) sum += y[offset] as number;
        means[first + column] = (means[first + column] as number) + sum / samples;
      }
    }
  }
}
