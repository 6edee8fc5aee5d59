import type { Evaluation } from '../evaluate.js';
import { totalOf, type LineReport, type Score } from '../score-line.js';
import type { ZoneReport } from '../score-zone.js';
import { compared, decimal, percent, percentRange } from '../text-report.js';
import { html, type Html } from './html.js';

/** One row per line and one for all. */
export function lineTable(lines: readonly LineReport[]): Html {
  const header = ['line', 'accuracy', 'true', 'right', 'missed', 'extra', 'turned'];
  const cells = (line: Score & { wrongDirection: number }): Html =>
    html`${accuracyCell(line)}
      <td>${line.truth}</td>
      <td>${line.right}</td>
      <td>${line.missed}</td>
      <td>${line.extra}</td>
      <td>${line.wrongDirection}</td>`;
  const rows = lines.map(
    (line) =>
      html`<tr>
        <th scope="row">${line.id}</th>
        ${cells(line)}
      </tr>`,
  );
  const all = html`<tr class="all">
    <th scope="row">all</th>
    ${cells(totalOf(lines))}
  </tr>`;
  return table(header, lines.length > 1 ? [...rows, all] : rows);
}

/** One row per zone; nothing without zones. */
export function zonesSection(zones: readonly ZoneReport[]): Html {
  if (zones.length === 0) return html``;
  const header = [
    'zone',
    'accuracy',
    'true',
    'right',
    'missed',
    'extra',
    'dwell, s',
    'people',
    'most',
    'error',
  ];
  const rows = zones.map(
    (zone) =>
      html`<tr>
        <th scope="row">${zone.id}</th>
        ${accuracyCell(zone)}
        <td>${zone.truth}</td>
        <td>${zone.right}</td>
        <td>${zone.missed}</td>
        <td>${zone.extra}</td>
        <td>${compared(zone.dwellSeconds)}</td>
        <td>${compared(zone.meanOccupancy)}</td>
        <td>${zone.maxOccupancy.counted ?? '–'} for ${zone.maxOccupancy.truth ?? '–'}</td>
        <td>${decimal(zone.occupancyError)}</td>
      </tr>`,
  );
  return html`<section class="zones">
    <h2>Zones</h2>
    ${table(header, rows)}
    <p class="soft">
      Visits match when they share half of the time that either covers. Dwell is the mean length of a visit,
      people the mean and most the largest occupancy, all as “counted for true”; error is the mean difference
      of people per frame.
    </p>
  </section>`;
}

/** Detection and tracking figures; nothing without true boxes. */
export function boxesSection({ detection, tracking }: Evaluation): Html {
  if (detection === null || tracking === null) return html``;
  const figures: readonly (readonly [string, string, string])[] = [
    ['Recall', percent(detection.recall), 'true boxes that were found'],
    ['Precision', percent(detection.precision), 'found boxes that are true'],
    ['MOTA', percent(tracking.mota), '1 − (misses + false positives + id switches) / true boxes'],
    ['MOTP', percent(tracking.motp), 'mean overlap (IoU) of matched boxes'],
    ['Id switches', String(tracking.idSwitches), 'people whose track changed its number'],
    ['IDF1', percent(tracking.idf1), 'boxes that carry the right identity over the whole clip'],
    ['IDP, IDR', `${percent(tracking.idp)}, ${percent(tracking.idr)}`, 'the same as precision and as recall'],
    ['HOTA', percent(tracking.hota), 'detection and association together, over all overlaps'],
    ['DetA, AssA', `${percent(tracking.detA)}, ${percent(tracking.assA)}`, 'the two parts of HOTA'],
  ];
  const rows = figures.map(
    ([name, value, meaning]) =>
      html`<tr>
        <th scope="row">${name}<br /><small>${meaning}</small></th>
        <td>${value}</td>
      </tr>`,
  );
  return html`<section>
    <h2>Boxes and tracks</h2>
    <p class="soft">${detection.frames} frames with ${detection.truth} true boxes; a match needs IoU 0.5.</p>
    ${table(['figure', 'value'], rows)}
  </section>`;
}

function accuracyCell({ accuracy, interval }: Score): Html {
  const range = percentRange(interval).replace(' %', '\u00a0%');
  return html`<td>${percent(accuracy)}<small>${range}</small></td>`;
}

function table(header: readonly string[], rows: readonly Html[]): Html {
  return html`<div class="wide" tabindex="0">
    <table>
      <thead>
        <tr>
          ${header.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}
