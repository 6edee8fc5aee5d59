import type { IdBox } from './metrics/scored-frame.js';

/** True boxes by frame number, from 1; pixels of the clip. */
export type TruthBoxes = ReadonlyMap<number, readonly IdBox[]>;

const HEADER = 'frame,id,x,y,w,h';
/** More problems than this are only counted: a wrong file should not fill the screen. */
const MOST_PROBLEMS = 10;

/** Read a CSV of true boxes. All problems are named with their line. */
export function readBoxes(text: string): { boxes: TruthBoxes; problems: string[] } {
  const [header = '', ...rows] = text.trimEnd().split(/\r?\n/);
  if (header.trim() !== HEADER) return { boxes: new Map(), problems: [`line 1 must be "${HEADER}"`] };
  const boxes = new Map<number, IdBox[]>();
  const problems: string[] = [];
  rows.forEach((row, index) => {
    const [frame = NaN, id = NaN, x = NaN, y = NaN, w = NaN, h = NaN, ...more] = row.split(',').map(cell);
    const people = boxes.get(frame) ?? [];
    const place = `line ${index + 2}`;
    if (![frame, id, x, y, w, h].every(Number.isFinite) || more.length > 0)
      problems.push(`${place} must be six numbers: ${HEADER}`);
    else if (!Number.isInteger(frame) || frame < 1) problems.push(`${place}: frames are counted from 1`);
    else if (w <= 0 || h <= 0) problems.push(`${place}: width and height must be above 0`);
    else if (people.some((person) => person.id === id))
      problems.push(`${place}: person ${id} stands twice in frame ${frame}`);
    else boxes.set(frame, [...people, { id, box: { x, y, w, h } }]);
  });
  const hidden = problems.length - MOST_PROBLEMS;
  const shown = problems.slice(0, MOST_PROBLEMS);
  return { boxes, problems: hidden > 0 ? [...shown, `and ${hidden} more lines like these`] : shown };
}

function cell(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}
