import type { Point, Segment } from '@headcount/shared';
import type { Track } from '../tracker/track.js';

/** A line as it is drawn, in pixels of the picture. */
export interface DrawnLine {
  readonly name: string;
  readonly segment: Segment;
  readonly totals: { readonly in: number; readonly out: number };
}

/** What is drawn over a picture. */
export interface Overlay {
  readonly width: number;
  readonly height: number;
  readonly tracks: readonly Track[];
  readonly lines: readonly DrawnLine[];
  /** One line of text at the bottom, such as the time with its zone. */
  readonly caption: string;
}

/** Colours that are told apart on asphalt, snow and carpet, also by people who see no red and green. */
const TRACK_COLOURS = ['#ffb000', '#64b5f6', '#dc6bff', '#ff8a50', '#4dd0e1', '#f06292'];
const LINE_COLOUR = '#7CFC00';
/** Length of the arrow that shows which way is "in", in pixels. */
const ARROW = 26;
const FONT = 'DejaVu Sans, Noto Sans, sans-serif';
const TEXT_HEIGHT = 16;
/** Width of a character of the label font at 13 px, for the background plate. */
const CHARACTER_WIDTH = 7.6;

/** The overlay as SVG, in the picture's own pixels. */
export function overlaySvg({ width, height, tracks, lines, caption }: Overlay): string {
  const size = { width, height };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONT}" font-size="13">`,
    ...lines.map((line) => drawLine(line, size)),
    ...tracks.filter(({ state }) => state !== 'lost').map((track) => drawTrack(track, size)),
    label({ x: 4, y: height - TEXT_HEIGHT - 4 }, caption, '#ffffff', size),
    '</svg>',
  ].join('');
}

function drawTrack(track: Track, size: { width: number; height: number }): string {
  const colour = TRACK_COLOURS[track.id % TRACK_COLOURS.length] ?? '#ffffff';
  const { x, y, w, h } = track.box;
  const dashes = track.state === 'tentative' ? ' stroke-dasharray="4 4"' : '';
  return [
    `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${w.toFixed(1)}" height="${h.toFixed(1)}"`,
    ` fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`,
    track.state === 'confirmed' ? label({ x, y: y - TEXT_HEIGHT - 2 }, `#${track.id}`, colour, size) : '',
  ].join('');
}

function drawLine({ name, segment, totals }: DrawnLine, size: { width: number; height: number }): string {
  const { from, to } = segment;
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  // "in" goes towards the right-hand side of somebody who walks from `from` to `to`; y grows downwards.
  const right = { x: -(to.y - from.y) / length, y: (to.x - from.x) / length };
  const tip = { x: middle.x + right.x * ARROW, y: middle.y + right.y * ARROW };
  const stroke = `stroke="${LINE_COLOUR}" stroke-width="3" stroke-linecap="round"`;
  return [
    `<line x1="${from.x}" y1="${from.y}" x2="${to.x}" y2="${to.y}" ${stroke}/>`,
    `<line x1="${middle.x}" y1="${middle.y}" x2="${tip.x}" y2="${tip.y}" ${stroke}/>`,
    `<polygon points="${arrowHead(tip, right)}" fill="${LINE_COLOUR}"/>`,
    label({ x: from.x + 6, y: from.y + 4 }, `${name}: in ${totals.in}, out ${totals.out}`, LINE_COLOUR, size),
  ].join('');
}

function arrowHead(tip: Point, direction: Point): string {
  const side = { x: -direction.y, y: direction.x };
  const corners = [
    { x: tip.x + direction.x * 9, y: tip.y + direction.y * 9 },
    { x: tip.x + side.x * 7, y: tip.y + side.y * 7 },
    { x: tip.x - side.x * 7, y: tip.y - side.y * 7 },
  ];
  return corners.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
}

/** Text on a dark plate that stays inside the picture. */
function label(at: Point, text: string, colour: string, size: { width: number; height: number }): string {
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
