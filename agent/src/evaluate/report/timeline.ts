import { frameOf, type FrameEvent, type JudgedEvent } from '../match.js';
import { html, type Html } from './html.js';
import { mark, VERDICT_NAMES } from './marks.js';

/** Size of the drawing, in its own units: pixels at full width. */
const WIDTH = 760;
const HEIGHT = 128;
const LEFT = 70;
const RIGHT = 16;
/** Heights of the two rows and of the axis. */
const TRUE_Y = 24;
const COUNTED_Y = 64;
const AXIS_Y = 92;
/** About so many labels fit on the axis. */
const LABELS = 8;

/** What a timeline shows. */
export interface TimelineOptions {
  readonly title: string;
  readonly events: readonly JudgedEvent[];
  /** Frames that are scored, both included. */
  readonly range: { readonly from: number; readonly to: number };
  /** "12.3 s" for a frame. */
  readonly timeOf: (frame: number) => string;
}

/** True events in the upper row, counted ones in the lower; a line joins the two of one passage. */
export function timeline({ title, events, range, timeOf }: TimelineOptions): Html {
  const length = Math.max(1, range.to - range.from);
  const xOf = (frame: number) => {
    const share = Math.min(1, Math.max(0, (frame - range.from) / length));
    return Math.round((LEFT + share * (WIDTH - LEFT - RIGHT)) * 10) / 10;
  };
  const shown = events.filter((event) => frameOf(event) >= range.from && frameOf(event) <= range.to);
  return html`<svg
    class="timeline"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    role="img"
    aria-label="${`Events of ${title} over time`}"
  >
    <text x="0" y="${TRUE_Y + 5}">true</text>
    <text x="0" y="${COUNTED_Y + 5}">counted</text>
    <path class="row" d="M${LEFT} ${TRUE_Y}H${WIDTH - RIGHT}M${LEFT} ${COUNTED_Y}H${WIDTH - RIGHT}" />
    ${axis(range, xOf, timeOf)} ${shown.map((event) => eventMarks(event, xOf, timeOf))}
  </svg>`;
}

function eventMarks(
  { verdict, truth, counted }: JudgedEvent,
  xOf: (frame: number) => number,
  timeOf: (frame: number) => string,
): Html {
  const words = (event: FrameEvent | undefined, name: string) =>
    event === undefined
      ? ''
      : `, ${name} at frame ${Math.round(event.frame)} (${timeOf(event.frame)}), ${event.direction}`;
  const title = `${VERDICT_NAMES[verdict]}${words(truth, 'true')}${words(counted, 'counted')}`;
  const marks = [
    ...(truth === undefined ? [] : [mark(verdict, xOf(truth.frame), TRUE_Y)]),
    ...(counted === undefined ? [] : [mark(verdict, xOf(counted.frame), COUNTED_Y)]),
  ];
  const join =
    truth === undefined || counted === undefined
      ? html``
      : html`<path class="join" d="M${xOf(truth.frame)} ${TRUE_Y}L${xOf(counted.frame)} ${COUNTED_Y}" />`;
  return html`<g><title>${title}</title>${join}${marks}</g>`;
}

/** Ticks at round frame numbers. */
function axis(
  { from, to }: { from: number; to: number },
  xOf: (frame: number) => number,
  timeOf: (frame: number) => string,
): Html {
  const step = roundStep((to - from) / LABELS);
  const first = Math.ceil(from / step) * step;
  const frames = Array.from(
    { length: Math.floor((to - first) / step) + 1 },
    (_, index) => first + index * step,
  );
  const ticks = frames.map(
    (frame) =>
      html`<path class="axis" d="M${xOf(frame)} ${AXIS_Y}v5" />
        <text class="tick" x="${xOf(frame)}" y="${AXIS_Y + 18}">${frame}</text>
        <text class="tick" x="${xOf(frame)}" y="${AXIS_Y + 32}">${timeOf(frame)}</text>`,
  );
  return html`<path class="axis" d="M${LEFT} ${AXIS_Y}H${WIDTH - RIGHT}" />
    <text x="0" y="${AXIS_Y + 18}">frame</text>
    <text x="0" y="${AXIS_Y + 32}">time</text>
    ${ticks}`;
}

/** The next larger of 1, 2, 5, 10, 20, 50 … */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 1;
}
