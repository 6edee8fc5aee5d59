import type { TruthBoxes } from './boxes.js';
import type { IdBox, ScoredFrame } from './metrics/scored-frame.js';
import { scoreFrame } from './metrics/scored-frame.js';
import type { CountedCrossing, CountedVisit, FrameOutcome } from './run-clip.js';

/** Settings of a recording. */
export interface TapeOptions {
  /** Frames that are scored, both included. */
  readonly range: { readonly from: number; readonly to: number };
  /** Size of the clip in pixels, the unit of the true boxes. */
  readonly size: { readonly width: number; readonly height: number };
  readonly boxes: TruthBoxes | undefined;
}

/** Keeps of a run what is scored: a few numbers per frame and zone, no pictures. */
export class Tape {
  readonly crossings: CountedCrossing[] = [];
  readonly visits: CountedVisit[] = [];
  readonly occupancy: { readonly frame: number; readonly people: readonly number[] }[] = [];
  /** Detections against true boxes, and tracks against true boxes, of the frames that have true boxes. */
  readonly detections: ScoredFrame[] = [];
  readonly tracks: ScoredFrame[] = [];
  private readonly options: TapeOptions;
  private lastScored = 0;

  constructor(options: TapeOptions) {
    this.options = options;
  }

  add(outcome: FrameOutcome): void {
    const { range } = this.options;
    const { frame } = outcome;
    this.crossings.push(...outcome.crossings);
    this.visits.push(...outcome.visits);
    if (frame < range.from || frame > range.to || frame === this.lastScored) return;
    this.lastScored = frame;
    if (outcome.occupancy.length > 0) this.occupancy.push({ frame, people: outcome.occupancy });
    this.compareBoxes(outcome);
  }

  private compareBoxes({ frame, width, height, detections, people }: FrameOutcome): void {
    const { boxes, size } = this.options;
    const truth = boxes?.get(frame);
    if (truth === undefined) return;
    const scale = { x: size.width / width, y: size.height / height };
    const inClip = ({ id, box }: IdBox): IdBox => ({
      id,
      box: { x: box.x * scale.x, y: box.y * scale.y, w: box.w * scale.x, h: box.h * scale.y },
    });
    this.detections.push(
      scoreFrame(
        truth,
        detections.map((box, id) => inClip({ id, box })),
      ),
    );
    this.tracks.push(scoreFrame(truth, people.map(inClip)));
  }
}
