import type { SceneCondition } from '@headcount/shared';
import { median } from './median.js';
import {
  fitShare,
  gradientOf,
  shiftedFit,
  structureOf,
  type Gradient,
  type SceneReference,
} from './reference.js';
import type { SceneSample } from './scene-sample.js';

/*
 * Thresholds. Measured on the demo clip with pictures changed by sharp, as agent/test/scene.test.ts does: the clip itself fits with 100 % of its blocks, moved by 1 % of the width 88 %, by 2 % 35 %,
 * turned round 2 %; blurred by 1 pixel of 416 detail is 0.31 of what it was, by 2 pixels 0.10, JPEG at quality 20 0.73,
 * fog 0.29; a noisy cover has 0.03 of the structure, fog and dusk keep all their edges.
 */

/** Mean luma of a picture that shows nothing (limited range: black is 16) … */
const BLACK = 22;
/** Share of white cells in a picture that is overexposed, and the share in the reference that excuses it. */
const OVEREXPOSED = 0.5;
const BRIGHT_BY_NATURE = 0.25;
/** With fewer of the blocks fitting than this, it is worth the time to look whether the picture has moved. */
const FITS_WELL = 0.8;
/** With fewer than this the picture shows something else … */
const FITS = 0.4;
/** … and with fewer than this the camera looks elsewhere altogether, even if nobody can say by how much it moved. */
const FITS_NOWHERE = 0.15;
/** The picture is the reference, moved, when the edges' cosine is more than this there, and by so much better … */
const SHIFT_FITS = 0.5;
const SHIFT_BETTER = 0.2;
/** … and when it moved by so many cells at least: 2 % of the width; a line that is off by less still counts. */
const LEAST_SHIFT = 2;
/** Farthest shift that is looked for: cells, a tenth of the picture's width. */
const FARTHEST = 10;
/** Share of the reference's structure below which something stands before the lens. */
const COVERED = 0.3;
/** Share of the finest detail, measured against the coarse structure, below which the lens is out of focus. */
const DEFOCUSED = 0.2;
/** A block without detail in the reference (mean squared difference of neighbouring pixels) cannot lose it. */
const LEAST_DETAIL = 8;
/** Keeps the ratio of detail to structure finite where a block is nearly blank. */
const BLANK = 4;

/** A reference made ready for comparing. */
export interface Place {
  readonly reference: SceneReference;
  readonly gradient: Gradient;
  readonly structure: Float32Array;
}

/** How a picture compares with the place. */
export interface Likeness {
  /** Share of the blocks that still show the place; undefined where the place is too blank to tell. */
  readonly fit: number | undefined;
  /** Structure as a share of the reference's. */
  readonly structure: number;
  readonly gradient: Gradient;
}

export function placeOf(reference: SceneReference): Place {
  const gradient = gradientOf(reference.grey);
  return { reference, gradient, structure: structureOf(gradient) };
}

/** Compare a picture, best one without people, with the place. */
export function compare(grey: Uint8Array, { reference, gradient: then, structure }: Place): Likeness {
  const gradient = gradientOf(grey);
  return {
    fit: fitShare(gradient, then, reference.edges),
    structure: Math.sqrt(sum(structureOf(gradient)) / sum(structure)),
    gradient,
  };
}

/** True for a picture that has lost the place's structure: it says nothing about a new profile. */
export function structureLost({ fit = 1, structure }: Likeness): boolean {
  return structure < COVERED && fit < FITS;
}

/** What a single picture shows, with or without a reference. */
export function judgeLight(
  sample: SceneSample,
  reference: SceneReference | undefined,
): 'black' | 'overexposed' | undefined {
  if (sample.luma < BLACK) return 'black';
  const usual = reference?.bright ?? 0;
  return sample.bright > OVEREXPOSED && usual < BRIGHT_BY_NATURE ? 'overexposed' : undefined;
}

/** What the place without people shows: at most one of covered, moved and defocused. */
export function judgePlace(
  sample: SceneSample,
  likeness: Likeness,
  place: Place,
): Extract<SceneCondition, 'covered' | 'moved' | 'defocused'> | undefined {
  const { fit } = likeness;
  if (fit === undefined) return undefined;
  if (structureLost(likeness)) return 'covered';
  if (fit < FITS_NOWHERE || (fit < FITS_WELL && hasShifted(likeness, place))) return 'moved';
  return detailKept(sample, place) < DEFOCUSED ? 'defocused' : undefined;
}

function hasShifted({ gradient }: Likeness, { reference, gradient: then }: Place): boolean {
  const fitAt = (x: number, y: number) =>
    shiftedFit(gradient, { gradient: then, edges: reference.edges }, { x, y });
  let best = { fit: -1, distance: 0 };
  for (let x = -FARTHEST; x <= FARTHEST; x++) {
    for (let y = -FARTHEST; y <= FARTHEST; y++) {
      const fit = fitAt(x, y);
      if (fit > best.fit) best = { fit, distance: Math.max(Math.abs(x), Math.abs(y)) };
    }
  }
  return best.distance >= LEAST_SHIFT && best.fit > Math.max(SHIFT_FITS, fitAt(0, 0) + SHIFT_BETTER);
}

/** The middle block's finest detail in relation to its coarse structure, as a share of the reference's: dusk changes both. */
function detailKept(sample: SceneSample, { reference, structure }: Place): number {
  const now = structureOf(gradientOf(sample.grey));
  const shares = [...reference.detail.entries()]
    .filter(([, detail]) => detail >= LEAST_DETAIL)
    .map(([block, detail]) => {
      const kept = (sample.detail[block] ?? 0) / ((now[block] ?? 0) + BLANK);
      return kept / (detail / ((structure[block] ?? 0) + BLANK));
    });
  return shares.length === 0 ? 1 : median(shares);
}

function sum(values: Float32Array): number {
  return values.reduce((all, value) => all + value, 0);
}
