import type { Frame } from '../camera/frame.js';
import type { Detection, Detector } from '../detector/detector.js';
import { createMotionGate, type MotionGate } from '../detector/motion-gate.js';
import { keepPeople, type PersonFilterConfig } from '../detector/person-filter.js';
import type { Counted, PersonCounter } from './person-counter.js';

/** What counting frames of one camera needs. */
export interface FrameCounterOptions {
  readonly detector: Detector;
  readonly counter: PersonCounter;
  readonly filter: PersonFilterConfig;
  /** Skip the model while nothing moves and nobody is followed. */
  readonly motionGate: boolean;
}

/** One frame's outcome with what the model saw in it; nothing when the gate spared the model. */
export interface CountedFrame extends Counted {
  readonly detections: readonly Detection[];
}

/** From frame to crossings: gate, model, tracker, lines and zones. Live counting and evaluation both count with it. */
export class FrameCounter {
  private readonly options: FrameCounterOptions;
  private readonly gate: MotionGate | undefined;
  private tracksAlive = false;
  /** Frames that the model did not have to look at. */
  gated = 0;

  constructor(options: FrameCounterOptions) {
    this.options = options;
    this.gate = options.motionGate ? createMotionGate() : undefined;
  }

  /** @param at monotonic ms of the frame, by default when it arrived */
  async count(frame: Frame, at = frame.at): Promise<CountedFrame> {
    const detections = await this.detect(frame, at);
    const { width, height } = frame;
    const counted = this.options.counter.update({ width, height, at }, detections);
    this.tracksAlive = counted.tracks.length > 0;
    return { ...counted, detections };
  }

  private async detect(frame: Frame, at: number): Promise<readonly Detection[]> {
    const { detector, filter } = this.options;
    if (this.gate?.mustLook({ views: frame.views, at }, this.tracksAlive) === false) {
      this.gated += 1;
      return [];
    }
    return keepPeople(await detector.detect(frame), filter, frame);
  }
}
