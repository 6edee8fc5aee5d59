import type { Box } from '@headcount/shared';
import type { Rect } from '../camera/frame.js';
import type { Detection } from './detector.js';
import { suppressOverlaps } from './nms.js';

/** A box that ends so close to a tile's inner edge is cut by it, as a fraction of the tile's size. */
const EDGE = 0.02;
/** Boxes that share this part of the smaller one show the same person. */
const SAME_PERSON = 0.6;
/** Halves of one person agree across the seam to this part of the longer one. */
const AGREEMENT = 0.6;

/** What one tile showed, in pixels of the frame. */
export interface TileDetections {
  readonly area: Rect;
  readonly detections: readonly Detection[];
}

interface Piece extends Detection {
  /** Which sides are cut by the seam to another tile. */
  readonly cut: {
    readonly left: boolean;
    readonly right: boolean;
    readonly top: boolean;
    readonly bottom: boolean;
  };
}

/**
 * One list of people from overlapping tiles. A person whole in one tile and cut in another is kept whole; two halves
 * that face each other over a seam become one box; what two tiles both see is kept once.
 */
export function mergeTiles(tiles: readonly TileDetections[]): Detection[] {
  const bounds = boundsOf(tiles.map(({ area }) => area));
  const pieces = tiles.flatMap(({ area, detections }) =>
    detections.map((detection): Piece => ({ ...detection, cut: cutSides(detection.box, area, bounds) })),
  );
  const whole = pieces.filter((piece) => !isCut(piece));
  const halves = pieces.filter(
    (piece) => isCut(piece) && !whole.some(({ box }) => sharesPerson(box, piece.box)),
  );
  const joined = joinHalves(halves);
  return suppressOverlaps([...whole, ...joined].map(({ box, score }) => ({ box, score })));
}

/** Join what faces each other, largest first; a half without a counterpart stays as it is. */
function joinHalves(halves: readonly Piece[]): Detection[] {
  const left = [...halves].sort((a, b) => area(b.box) - area(a.box));
  const joined: Detection[] = [];
  for (let piece = left.shift(); piece !== undefined; piece = left.shift()) {
    let current: Piece = piece;
    for (;;) {
      const index = left.findIndex((other) => facing(current, other) || sharesPerson(current.box, other.box));
      const [other] = index < 0 ? [] : left.splice(index, 1);
      if (other === undefined) break;
      current = {
        box: boundsOf([current.box, other.box]),
        score: Math.max(current.score, other.score),
        cut: current.cut,
      };
    }
    joined.push(current);
  }
  return joined;
}

function facing(a: Piece, b: Piece): boolean {
  const beside = (a.cut.right && b.cut.left) || (a.cut.left && b.cut.right);
  const above = (a.cut.bottom && b.cut.top) || (a.cut.top && b.cut.bottom);
  const overlapX = overlap(a.box.x, a.box.w, b.box.x, b.box.w);
  const overlapY = overlap(a.box.y, a.box.h, b.box.y, b.box.h);
  return (
    (beside && overlapX > 0 && overlapY > AGREEMENT * Math.max(a.box.h, b.box.h)) ||
    (above && overlapY > 0 && overlapX > AGREEMENT * Math.max(a.box.w, b.box.w))
  );
}

function sharesPerson(a: Box, b: Box): boolean {
  const shared = Math.max(0, overlap(a.x, a.w, b.x, b.w)) * Math.max(0, overlap(a.y, a.h, b.y, b.h));
  return shared > SAME_PERSON * Math.min(area(a), area(b));
}

/** Length that two spans share; negative when they are apart. */
function overlap(a: number, lengthA: number, b: number, lengthB: number): number {
  return Math.min(a + lengthA, b + lengthB) - Math.max(a, b);
}

function area({ w, h }: Box): number {
  return w * h;
}

function cutSides(box: Box, tile: Rect, bounds: Rect): Piece['cut'] {
  const marginX = EDGE * tile.w;
  const marginY = EDGE * tile.h;
  return {
    left: tile.x > bounds.x && box.x <= tile.x + marginX,
    top: tile.y > bounds.y && box.y <= tile.y + marginY,
    right: tile.x + tile.w < bounds.x + bounds.w - 1 && box.x + box.w >= tile.x + tile.w - marginX,
    bottom: tile.y + tile.h < bounds.y + bounds.h - 1 && box.y + box.h >= tile.y + tile.h - marginY,
  };
}

function isCut({ cut }: Piece): boolean {
  return cut.left || cut.right || cut.top || cut.bottom;
}

function boundsOf(rects: readonly Rect[]): Rect {
  const x = Math.min(...rects.map((rect) => rect.x));
  const y = Math.min(...rects.map((rect) => rect.y));
  return {
    x,
    y,
    w: Math.max(...rects.map((rect) => rect.x + rect.w)) - x,
    h: Math.max(...rects.map((rect) => rect.y + rect.h)) - y,
  };
}
