import type { CalendarAnswer } from '../../schema/oncall.js';

type Level = CalendarAnswer['levels'][number];
type Span = Level['spans'][number];

/** A piece of a day in which somebody, or nobody, is on duty. */
export interface Piece {
  readonly user: string | null;
  readonly override: string | null;
  /** UTC ms; null where it goes on from the day before. */
  readonly begins: number | null;
}

/** What a level's cell of a day shows: who is on duty one after another; nothing where it is not known. */
export function piecesOf(spans: readonly Span[], day: { from: number; to: number }): Piece[] {
  return spans
    .filter(({ from, to }) => from < day.to && to > day.from)
    .map(({ from, user, override }) => ({ user, override, begins: from > day.from ? from : null }));
}
