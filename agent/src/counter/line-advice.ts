import type { Point } from '@headcount/shared';
import type { Anchor } from '../config/camera-config.js';
import type { Advice, Edge } from './advice.js';
import { depthOf } from './polygon.js';

/** What is known about a line and the people who cross it; lengths in pixels of the picture. */
export interface LineGeometry {
  readonly path: readonly Point[];
  readonly frame: { readonly width: number; readonly height: number };
  /** Median height of the people seen near the line; undefined before anybody was. */
  readonly personHeight: number | undefined;
  readonly anchor: Anchor;
}

/** A person's width as a share of their height: the mean of pedestrian boxes is 0.41 (Dollár et al., PAMI 2012). */
const WIDTH = 0.4;
/** Free picture that a line needs on either side of it, in body heights: two steps of a walker. */
const ROOM = 1;
/** Where each straight part of a line is looked at, as shares of its length. */
const SAMPLES = [1, 3, 5, 7, 9, 11, 13, 15].map((odd) => odd / 16);
/** A part is too close when so many of its samples are: ends of lines often lie at the edge, and nobody walks there. */
const CLOSE_SAMPLES = 2;
/** Distances are said in steps of so many percent, so that the words do not change with every person. */
const PERCENT_STEP = 5;
/** Running, in body heights per second (walking is about 0.8). */
const RUNNING = 2.5;
/** Frames may come a little slower than needed before that is worth a word. */
const RATE_TOLERANCE = 0.9;

/** What to move so that a line counts well; empty when it is fine or nothing is known yet. */
export function adviseLine(line: LineGeometry): Advice[] {
  const { path, personHeight } = line;
  if (personHeight === undefined) return [];
  const parts = partsOf(path);
  const length = parts.reduce((sum, [from, to]) => sum + Math.hypot(to.x - from.x, to.y - from.y), 0);
  const advice = parts.flatMap(([from, to], index) => {
    const part = parts.length === 1 ? null : index + 1;
    return edgeAdvice({ ...line, personHeight }, { from, to, part });
  });
  if (length < WIDTH * personHeight) {
    const percent = percentOf(WIDTH * personHeight, line.frame.width);
    advice.push({ code: 'line-too-short', percent });
  }
  // Both sides may have the same to say.
  return [...new Map(advice.map((one) => [JSON.stringify(one), one])).values()];
}

/**
 * The free way in the picture beside a line, in pixels: the shorter of its two sides, at its middle part. Infinite for
 * a line without length.
 */
export function roomBeside({ path, frame }: Pick<LineGeometry, 'path' | 'frame'>): number {
  const reaches = partsOf(path).flatMap(([from, to]) => {
    const middle = between(from, to, 0.5);
    return normalsOf(from, to).map((direction) => reachOf(middle, direction, frame).distance);
  });
  return Math.min(...reaches);
}

/**
 * Frames per second that a line needs, so that a person gives at least two samples on each side of its dead band, far
 * enough apart to settle there. Infinity when no rate is enough: the person is gone before a side can settle.
 * @param options.personHeight median height near the line (pixels)
 * @param options.room free picture beside the line (pixels), by default one body height
 * @param options.speed body heights per second, by default running
 * @param options.band half the dead band's width as a fraction of the height
 * @param options.settleMs how long a person must be on a side
 * @param options.transitMs how long a person is seen on both sides together, by default the time for `room` twice
 */
export function requiredFps(options: {
  readonly personHeight: number;
  readonly room?: number;
  readonly speed?: number;
  readonly band: number;
  readonly settleMs: number;
  readonly transitMs?: number;
}): number {
  const { personHeight, room = personHeight, speed = RUNNING, band, settleMs } = options;
  const { transitMs = (2000 * Math.min(room / personHeight, ROOM)) / speed } = options;
  const sideMs = transitMs / 2 - (1000 * band) / speed;
  if (sideMs <= settleMs) return Infinity;
  // The first sample comes up to one period late, then `steps` periods must both fit and last long enough to settle.
  let steps = 1;
  while (sideMs / (steps + 1) < settleMs / steps) steps += 1;
  return (1000 * (steps + 1)) / sideMs;
}

/**
 * What to do about the frame rate of a line.
 * @param rates frames per second: needed ({@link requiredFps}), configured, and counted lately (undefined: not known)
 */
export function adviseFps(rates: {
  readonly needed: number;
  readonly configured: number;
  readonly measured: number | undefined;
}): Advice[] {
  const { needed, configured, measured } = rates;
  if (!Number.isFinite(needed)) return [{ code: 'no-rate-enough' }];
  const wanted = Math.ceil(needed);
  if (configured < wanted) return [{ code: 'raise-fps', needed: wanted, configured }];
  if (measured !== undefined && measured < RATE_TOLERANCE * wanted)
    return [{ code: 'rate-too-low', needed: wanted }];
  return [];
}

/** What to change about a zone; empty when it is fine or nothing is known yet. */
export function adviseZone(zone: {
  readonly polygon: readonly Point[];
  readonly personHeight: number | undefined;
}): Advice[] {
  const { polygon, personHeight } = zone;
  // A square as deep as half a person's width has that width as its side.
  if (personHeight === undefined || depthOf(polygon) >= (WIDTH * personHeight) / 4) return [];
  return [{ code: 'zone-too-narrow' }];
}

function edgeAdvice(
  line: LineGeometry & { readonly personHeight: number },
  { from, to, part }: { readonly from: Point; readonly to: Point; readonly part: number | null },
): Advice[] {
  const { frame, personHeight, anchor } = line;
  const needed = ROOM * personHeight;
  return normalsOf(from, to).flatMap((direction): Advice[] => {
    const reaches = SAMPLES.map((share) => reachOf(between(from, to, share), direction, frame));
    const close = reaches.filter(({ distance }) => distance < needed);
    const [worst] = close.sort((a, b) => a.distance - b.distance);
    if (worst === undefined || close.length < CLOSE_SAMPLES) return [];
    const { edge } = worst;
    const upright = edge === 'upper' || edge === 'lower';
    const away = needed * Math.abs(upright ? direction.y : direction.x);
    const percent = percentOf(away, upright ? frame.height : frame.width);
    if (percent >= 50) return [{ code: 'people-too-large', part }];
    return [{ code: 'edge-too-close', part, edge, anchor, percent }];
  });
}

/** How far it is from a point to the edge of the picture in a direction, and which edge that is. */
function reachOf(
  { x, y }: Point,
  direction: Point,
  { width, height }: LineGeometry['frame'],
): { edge: Edge; distance: number } {
  const along = (way: number, speed: number) => (speed > 0 ? Math.max(0, way) / speed : Infinity);
  const ways: readonly { edge: Edge; distance: number }[] = [
    { edge: 'left', distance: along(x, -direction.x) },
    { edge: 'right', distance: along(width - x, direction.x) },
    { edge: 'upper', distance: along(y, -direction.y) },
    { edge: 'lower', distance: along(height - y, direction.y) },
  ];
  return ways.reduce((nearest, way) => (way.distance < nearest.distance ? way : nearest));
}

function partsOf(path: readonly Point[]): (readonly [Point, Point])[] {
  return path.slice(1).map((to, index) => [path[index] ?? to, to] as const);
}

function normalsOf(from: Point, to: Point): Point[] {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length === 0) return [];
  const normal = { x: (from.y - to.y) / length, y: (to.x - from.x) / length };
  return [normal, { x: -normal.x, y: -normal.y }];
}

function between(from: Point, to: Point, share: number): Point {
  return { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) };
}

function percentOf(pixels: number, whole: number): number {
  return PERCENT_STEP * Math.ceil((100 * pixels) / whole / PERCENT_STEP);
}
