import type { Box } from '@headcount/shared';
import type { Frame } from '../camera/frame.js';
import type { ModelFamily } from '../config/config.js';
import type { ModelInput } from '../decoder/layout.js';

/** One person in one frame. */
export interface Detection {
  /** In pixels of the frame. */
  readonly box: Box;
  /** 0 to 1. */
  readonly score: number;
}

/** A person detector that runs outside the main thread and is shared by all cameras. */
export interface Detector {
  /** What the decoder must deliver as the frame's views. */
  readonly input: ModelInput;
  readonly family: ModelFamily;
  /** SHA-256 of the model file, lower-case hex; stands on every count. */
  readonly modelHash: string;
  /**
   * Find the people in a frame, in all its views. Requests are served in order and each camera has at most one frame
   * under way (it awaits the answer before it offers its next, newest frame), which makes the service fair over cameras.
   * Every detection at or above the low threshold is returned, best score first.
   * @throws DetectorError when the model cannot be run or the detector is closed
   */
  detect(frame: Frame): Promise<readonly Detection[]>;
  /** Milliseconds of the last inference, without queueing; undefined before the first. */
  readonly lastInferenceMs: number | undefined;
  close(): Promise<void>;
}
