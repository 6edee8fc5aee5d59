import type { Evaluation } from '../evaluate.js';
import { frameOf, type JudgedEvent, type Verdict } from '../match.js';
import { totalOf, type LineReport } from '../score-line.js';
import { percent, percentRange } from '../text-report.js';
import { html, Html } from './html.js';
import { markIcon, VERDICT_NAMES } from './marks.js';
import { STYLE } from './style.js';
import { boxesSection, lineTable, zonesSection } from './tables.js';
import { timeline } from './timeline.js';

/** What the page shows. */
export interface PageOptions {
  readonly evaluation: Evaluation;
  /** How the run was made, as pairs of name and value, for the reader who wants to repeat it. */
  readonly about: readonly (readonly [string, string])[];
  /** Name of the clip, without its folders. */
  readonly clip: string;
  /** Base64 JPEGs of wrong events. */
  readonly pictures: ReadonlyMap<JudgedEvent, string>;
  /** Seconds since the first frame, for a frame number. */
  readonly secondsAt: (frame: number) => number;
  /** Names of a line's directions. */
  readonly directions: (line: string) => { readonly in: string; readonly out: string };
}

/** Nothing may be fetched, whatever stands in the page: it works from a stick and gives no reader away. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** The report as one self-contained HTML page. */
export function reportPage(options: PageOptions): string {
  const { evaluation, clip, about } = options;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <title>${`Counting quality: ${clip}`}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>Counting quality: ${clip}</h1>
          ${headline(evaluation)}
        </header>
        <main>${linesSection(options)} ${zonesSection(evaluation.zones)} ${boxesSection(evaluation)}</main>
        <footer>
          <h2>This run</h2>
          <dl>${about.map(([name, value]) => aboutRow(name, value))}</dl>
        </footer>
      </body>
    </html> `.text;
}

function headline({ lines, range }: Evaluation): Html {
  const total = totalOf(lines);
  const wrong = total.missed + total.extra + total.wrongDirection;
  const scored = html`<p class="soft">Scored: frames ${range.from} to ${range.to}.</p>`;
  if (lines.length === 0) return scored;
  return html`<p class="headline">
      <strong>${total.right} of ${total.truth}</strong> crossings counted right, ${wrong} wrong
      ${wrong === 1 ? 'event' : 'events'}. Accuracy <strong>${percent(total.accuracy)}</strong>, with 95 %
      confidence ${percentRange(total.interval)}.
    </p>
    ${scored}`;
}

function linesSection(options: PageOptions): Html {
  const { lines } = options.evaluation;
  if (lines.length === 0) return html``;
  const verdicts: readonly Verdict[] = ['right', 'missed', 'extra', 'wrongDirection', 'optional'];
  return html`<section>
    <h2>Lines</h2>
    ${lineTable(lines)}
    <p class="soft">
      Accuracy: right ones among all events that happened or were claimed to happen, right / (true + extra),
      with Wilson’s 95 % interval. A counted event and a true one match by time and direction, one to one.
    </p>
    <ul class="legend">
      ${verdicts.map((verdict) => html`<li>${markIcon(verdict)}${VERDICT_NAMES[verdict]}</li>`)}
    </ul>
    ${lines.map((line) => lineSection(line, options))}
  </section>`;
}

function lineSection(line: LineReport, options: PageOptions): Html {
  const wrong = line.events.filter(({ verdict }) => verdict !== 'right' && verdict !== 'optional');
  const timeOf = (frame: number) => `${options.secondsAt(frame).toFixed(1)} s`;
  const { range } = options.evaluation;
  return html`<section>
    <div class="line">
      <h3>Line ${line.id}</h3>
      <div class="wide" tabindex="0">${timeline({ title: line.id, events: line.events, range, timeOf })}</div>
    </div>
    ${
      wrong.length === 0
        ? html`<p class="soft">No wrong events.</p>`
        : html`<div class="events">${wrong.map((event) => wrongEvent(event, line, options, timeOf))}</div>`
    }
  </section>`;
}

function wrongEvent(
  event: JudgedEvent,
  line: LineReport,
  { pictures, directions }: PageOptions,
  timeOf: (frame: number) => string,
): Html {
  const { verdict, truth, counted } = event;
  const names = directions(line.id);
  const frame = frameOf(event);
  const words = [
    ...(truth === undefined ? [] : [`true: “${names[truth.direction]}”, person ${truth.track}`]),
    ...(counted === undefined ? [] : [`counted: “${names[counted.direction]}”, track ${counted.track}`]),
  ].join('; ');
  const picture = pictures.get(event);
  const alt = `Line ${line.id}, frame ${Math.round(frame)}: ${VERDICT_NAMES[verdict]}`;
  return html`<figure>
    ${
      picture === undefined
        ? html`<p class="soft">No picture of this moment was kept.</p>`
        : html`<img src="data:image/jpeg;base64,${picture}" alt="${alt}" />`
    }
    <figcaption>
      ${markIcon(verdict)}<strong>${VERDICT_NAMES[verdict]}</strong> at frame ${Math.round(frame)},
      ${timeOf(frame)}<br />${words}
    </figcaption>
  </figure>`;
}

function aboutRow(name: string, value: string): Html {
  return html`<dt>${name}</dt>
    <dd>${name === 'Command' || name === 'Model' ? html`<code>${value}</code>` : value}</dd>`;
}
