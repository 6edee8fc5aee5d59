import type { Verdict } from '../match.js';
import { html, type Html } from './html.js';

/** What a mark means, for the legend and for people who cannot see it. */
export const VERDICT_NAMES: Record<Verdict, string> = {
  right: 'right',
  missed: 'missed',
  extra: 'extra',
  wrongDirection: 'wrong direction',
  optional: 'not judged',
};

/** A mark of a verdict around a point; shapes differ as well as colours, for print and for colour-blind people. */
export function mark(verdict: Verdict, x: number, y: number): Html {
  switch (verdict) {
    case 'right':
      return html`<circle class="right" cx="${x}" cy="${y}" r="5" />`;
    case 'missed':
      return html`<path class="missed" d="M${x - 7} ${y + 6}h14L${x} ${y - 7}z" />`;
    case 'extra':
      return html`<path class="extra" d="M${x - 6} ${y - 6}l12 12m0 -12l-12 12" />`;
    case 'wrongDirection':
      return html`<path class="wrongDirection" d="M${x} ${y - 8}l8 8l-8 8l-8 -8z" />`;
    case 'optional':
      return html`<rect class="optional" x="${x - 4}" y="${y - 4}" width="8" height="8" />`;
  }
}

/** The mark on its own, for text. */
export function markIcon(verdict: Verdict): Html {
  return html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">${mark(verdict, 10, 10)}</svg>`;
}
