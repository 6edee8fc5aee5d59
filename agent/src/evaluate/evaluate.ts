import type { ClipInfo } from './clip-info.js';
import type { FrameEvent } from './match.js';
import { clearMot, type ClearMotScore } from './metrics/clear-mot.js';
import { detectionScore, type DetectionScore } from './metrics/detection.js';
import { hotaScore, type HotaScore } from './metrics/hota.js';
import { identityScore, type IdentityScore } from './metrics/identity.js';
import type { Placement } from './placement.js';
import { runClip, type FrameOutcome, type RunOptions, type RunResult } from './run-clip.js';
import { scoreLine, type LineReport } from './score-line.js';
import { scoreZone, type FrameVisit, type ZoneReport } from './score-zone.js';
import { Tape } from './tape.js';
import type { TruthFile } from './truth.js';

/** A counted event may lie so far from the true one, in seconds; the truth's own step is often half a second. */
const TOLERANCE_S = 1;
/** Counting goes on for so long after the last scored frame (s): a crossing is decided a moment after it happened. */
const MARGIN_S = 2;

/** CLEAR MOT, identity and HOTA together. */
export type TrackingScore = ClearMotScore & IdentityScore & HotaScore;

/** What an evaluation found. */
export interface Evaluation {
  readonly lines: readonly LineReport[];
  readonly zones: readonly ZoneReport[];
  /** Null when no true boxes are given or none of their frames was counted. */
  readonly detection: (DetectionScore & { readonly frames: number }) | null;
  readonly tracking: TrackingScore | null;
  /** Frames that were scored, both included. */
  readonly range: { readonly from: number; readonly to: number };
  readonly run: Omit<RunResult, 'visits'>;
}

/** What an evaluation runs on; times and frames are the clip's. */
export interface EvaluateOptions extends Pick<
  RunOptions,
  'look' | 'model' | 'precision' | 'threshold' | 'fps' | 'speed' | 'logger' | 'signal'
> {
  readonly clip: ClipInfo;
  readonly truth: TruthFile;
  readonly placement: Placement;
  /** Score these frames instead of the truth file's. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** End after so many seconds of the clip. */
  readonly forSeconds: number | undefined;
  /** Called once per counted frame; the next one waits for it. */
  readonly onFrame: (outcome: FrameOutcome) => Promise<void> | void;
}

/** Last frame that will be counted; Infinity for a camera without an end. */
export function lastFrameOf(options: Pick<EvaluateOptions, 'clip' | 'truth' | 'to' | 'forSeconds'>): number {
  const { clip } = options;
  const frame = Math.floor(clip.clock.frameAt(untilMs(options)));
  return Math.min(clip.frames ?? Infinity, frame);
}

/** Frames that are scored, both included, as far as that is known before; `to` is Infinity up to the end. */
export function scoredRange({ truth, from, to }: Pick<EvaluateOptions, 'truth' | 'from' | 'to'>): {
  from: number;
  to: number;
} {
  return { from: from ?? truth.frames.from, to: to ?? truth.frames.to ?? Infinity };
}

/** Count a clip and compare it with the truth. */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { clip, truth, placement } = options;
  const scored = scoredRange(options);
  const tape = new Tape({ range: scored, size: clip, boxes: truth.boxesByFrame });
  const { visits, ...run } = await runClip({
    ...options,
    untilMs: untilMs(options),
    onFrame: async (outcome) => {
      tape.add(outcome);
      await options.onFrame(outcome);
    },
  });
  tape.visits.push(...visits);
  const range = { from: scored.from, to: Math.min(scored.to, seenUntil(options, run.lastFrame)) };
  const tolerance = truth.tolerance ?? TOLERANCE_S * clip.fps;
  const shared = { range, tolerance, lastFrame: run.lastFrame };
  return {
    lines: placement.lines.map(({ name }, index) =>
      scoreLine(name, { ...shared, ...lineEvents(options, tape, index) }),
    ),
    zones: placement.zones.map(({ name }, index) =>
      scoreZone(name, { ...shared, fps: clip.fps, ...zoneVisits(options, tape, index) }),
    ),
    ...scoreBoxes(tape),
    range,
    run,
  };
}

function untilMs({
  clip,
  truth,
  to,
  forSeconds,
}: Pick<EvaluateOptions, 'clip' | 'truth' | 'to' | 'forSeconds'>): number {
  const last = to ?? truth.frames.to;
  const end = last === undefined ? Infinity : clip.clock.timeOf(last) + MARGIN_S * 1000;
  return Math.min(end, forSeconds === undefined ? Infinity : forSeconds * 1000);
}

/**
 * The last frame that can be judged. A clip that ends before the truth's last frame leaves the rest missed, unless nobody
 * said how far the truth reaches. Where a time limit ended the run, what was not looked at to its end is left out.
 */
function seenUntil({ clip, truth, to, forSeconds }: EvaluateOptions, lastFrame: number): number {
  if (forSeconds !== undefined) return Math.round(lastFrame - MARGIN_S * clip.fps);
  return to === undefined && truth.frames.to === undefined ? lastFrame : Infinity;
}

function lineEvents(
  { truth, placement }: EvaluateOptions,
  tape: Tape,
  index: number,
): { truth: FrameEvent[]; optional: FrameEvent[]; counted: FrameEvent[] } {
  const line = truth.lines[placement.lines[index]?.name ?? ''];
  return {
    truth: line?.events ?? [],
    optional: line?.optional ?? [],
    counted: tape.crossings
      .filter((crossing) => crossing.line === index)
      .map(({ frame, track, direction }) => ({ frame, track, direction })),
  };
}

function zoneVisits({ truth, placement }: EvaluateOptions, tape: Tape, index: number) {
  const zone = truth.zones[placement.zones[index]?.name ?? ''];
  const visits = (list: readonly (readonly [number, number, number])[] = []): FrameVisit[] =>
    list.map(([from, to, track]) => ({ from, to, track }));
  return {
    truth: visits(zone?.visits),
    optional: visits(zone?.optional),
    counted: tape.visits.filter((visit) => visit.zone === index),
    occupancy: tape.occupancy.map(({ frame, people }) => ({ frame, people: people[index] ?? 0 })),
  };
}

function scoreBoxes({ detections, tracks }: Tape): Pick<Evaluation, 'detection' | 'tracking'> {
  if (detections.length === 0) return { detection: null, tracking: null };
  return {
    detection: { ...detectionScore(detections), frames: detections.length },
    tracking: { ...clearMot(tracks), ...identityScore(tracks), ...hotaScore(tracks) },
  };
}
