import type { Point } from '@headcount/shared';
import type { Track } from '../tracker/track.js';

/** A line as it is drawn, in pixels of the picture. */
export interface DrawnLine {
  readonly name: string;
  /** At least two points. */
  readonly path: readonly Point[];
  /** What people call the two directions. */
  readonly directions: { readonly in: string; readonly out: string };
  readonly totals: { readonly in: number; readonly out: number };
}

/** A zone as it is drawn, in pixels of the picture. */
export interface DrawnZone {
  readonly name: string;
  readonly polygon: readonly Point[];
  /** People inside; null while nobody looks. */
  readonly occupancy: number | null;
  readonly over: boolean;
}

/** What is drawn over a picture. */
export interface Overlay {
  readonly width: number;
  readonly height: number;
  readonly tracks: readonly Track[];
  readonly lines: readonly DrawnLine[];
  readonly zones?: readonly DrawnZone[];
  /** Polygons in which people are ignored, in pixels. */
  readonly masks?: readonly (readonly Point[])[];
  /** One line of text at the bottom, such as the time with its zone. */
  readonly caption: string;
}

type PictureSize = Pick<Overlay, 'width' | 'height'>;

/** Colours that are told apart on asphalt, snow and carpet, also by people who see no red and green. */
const TRACK_COLOURS = ['#ffb000', '#64b5f6', '#dc6bff', '#ff8a50', '#4dd0e1', '#f06292'];
const LINE_COLOUR = '#7CFC00';
const ZONE_COLOUR = '#40c4ff';
/** A zone over its capacity also has a thicker outline and says so: colour alone is not enough. */
const OVER_COLOUR = '#ff8a80';
const MASK_COLOUR = '#bdbdbd';
/** Length of the arrow that shows which way is "in", in pixels. */
const ARROW = 26;
const FONT = 'DejaVu Sans, Noto Sans, sans-serif';
const TEXT_HEIGHT = 16;
/** Width of a character of the label font at 13 px, for the background plate. */
const CHARACTER_WIDTH = 7.6;

/** The overlay as SVG, in the picture's own pixels. */
export function overlaySvg(overlay: Overlay): string {
  const { width, height, tracks, lines, zones = [], masks = [], caption } = overlay;
  const size = { width, height };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONT}" font-size="13">`,
    ...masks.map(drawMask),
    ...zones.map((zone) => drawZone(zone, size)),
    ...lines.map((line) => drawLine(line, size)),
    ...tracks.filter(({ state }) => state !== 'lost').map((track) => drawTrack(track, size)),
    label({ x: 4, y: height - TEXT_HEIGHT - 4 }, caption, '#ffffff', size),
    '</svg>',
  ].join('');
}

function drawTrack(track: Track, size: PictureSize): string {
  const colour = TRACK_COLOURS[track.id % TRACK_COLOURS.length] ?? '#ffffff';
  const { x, y, w, h } = track.box;
  const dashes = track.state === 'tentative' ? ' stroke-dasharray="4 4"' : '';
  return [
    `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${w.toFixed(1)}" height="${h.toFixed(1)}"`,
    ` fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`,
    track.state === 'confirmed' ? label({ x, y: y - TEXT_HEIGHT - 2 }, `#${track.id}`, colour, size) : '',
  ].join('');
}

function drawMask(polygon: readonly Point[]): string {
  return `<polygon points="${pointsOf(polygon)}" fill="none" stroke="${MASK_COLOUR}" stroke-width="1.5" stroke-dasharray="2 5"/>`;
}

function drawZone({ name, polygon, occupancy, over }: DrawnZone, size: PictureSize): string {
  const colour = over ? OVER_COLOUR : ZONE_COLOUR;
  const top = polygon.reduce((highest, point) => (point.y < highest.y ? point : highest), {
    x: 0,
    y: Infinity,
  });
  const text = `${name}: ${occupancy ?? '–'} inside${over ? ' ▲ over capacity' : ''}`;
  return [
    `<polygon points="${pointsOf(polygon)}" fill="${colour}" fill-opacity="0.08" stroke="${colour}"`,
    ` stroke-opacity="0.7" stroke-width="${over ? 5 : 2.5}" stroke-linejoin="round"/>`,
    label({ x: top.x + 6, y: top.y + 4 }, text, colour, size),
  ].join('');
}

function drawLine({ name, path, directions, totals }: DrawnLine, size: PictureSize): string {
  const [start = { x: 0, y: 0 }] = path;
  const { middle, from, to } = middleOf(path);
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  // "in" goes towards the right-hand side of somebody who walks from `from` to `to`; y grows downwards.
  const right = { x: -(to.y - from.y) / length, y: (to.x - from.x) / length };
  const tip = { x: middle.x + right.x * ARROW, y: middle.y + right.y * ARROW };
  const stroke = `stroke="${LINE_COLOUR}" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"`;
  const text = `${name}: ${directions.in} ${totals.in}, ${directions.out} ${totals.out}`;
  return [
    `<polyline points="${pointsOf(path)}" fill="none" ${stroke}/>`,
    `<line x1="${middle.x}" y1="${middle.y}" x2="${tip.x}" y2="${tip.y}" ${stroke}/>`,
    `<polygon points="${arrowHead(tip, right)}" fill="${LINE_COLOUR}"/>`,
    label({ x: start.x + 6, y: start.y + 4 }, text, LINE_COLOUR, size),
  ].join('');
}

/** The point half-way along a path, and the straight part on which it lies. */
function middleOf(path: readonly Point[]): { middle: Point; from: Point; to: Point } {
  const parts = path.slice(1).map((to, index) => {
    const from = path[index] ?? to;
    return { from, to, length: Math.hypot(to.x - from.x, to.y - from.y) };
  });
  let left = parts.reduce((sum, { length }) => sum + length, 0) / 2;
  for (const { from, to, length } of parts) {
    if (length > 0 && left <= length) {
      const share = left / length;
      const middle = { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) };
      return { middle, from, to };
    }
    left -= length;
  }
  throw new RangeError('a path needs two points that differ');
}

function arrowHead(tip: Point, direction: Point): string {
  const side = { x: -direction.y, y: direction.x };
  const corners = [
    { x: tip.x + direction.x * 9, y: tip.y + direction.y * 9 },
    { x: tip.x + side.x * 7, y: tip.y + side.y * 7 },
    { x: tip.x - side.x * 7, y: tip.y - side.y * 7 },
  ];
  return pointsOf(corners);
}

function pointsOf(points: readonly Point[]): string {
  return points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
}

/** Text on a dark plate that stays inside the picture. */
function label(at: Point, text: string, colour: string, size: PictureSize): string {
  const width = text.length * CHARACTER_WIDTH + 8;
  const x = Math.max(0, Math.min(at.x, size.width - width));
  const y = Math.max(0, Math.min(at.y, size.height - TEXT_HEIGHT));
  return [
    `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${TEXT_HEIGHT}" fill="#000000" fill-opacity="0.65" rx="2"/>`,
    `<text x="${(x + 4).toFixed(1)}" y="${(y + 12).toFixed(1)}" fill="${colour}">${escapeXml(text)}</text>`,
  ].join('');
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
