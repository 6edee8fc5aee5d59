import type { ShareInterval } from '@headcount/shared';
import type { Evaluation } from './evaluate.js';
import { totalOf } from './score-line.js';
import type { Compared } from './score-zone.js';

/** 0.9333 becomes "93.3 %"; a figure that does not exist becomes a dash. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? '–' : `${(share * 100).toFixed(1)} %`;
}

/** "87.5 to 100.0 %" */
export function percentRange(interval: ShareInterval | null): string {
  if (interval === null) return '–';
  return `${(interval.low * 100).toFixed(1)} to ${(interval.high * 100).toFixed(1)} %`;
}

/** A figure to two places, or a dash. */
export function decimal(value: number | null): string {
  return value === null ? '–' : value.toFixed(2);
}

/** "3.20 for 3.50": counted for true. */
export function compared({ truth, counted }: Compared): string {
  return `${decimal(counted)} for ${decimal(truth)}`;
}

/** The evaluation as tables for a terminal. */
export function textReport(evaluation: Evaluation): string {
  const parts = [lineTable(evaluation), zoneTable(evaluation), boxTable(evaluation)];
  return parts.filter((part) => part !== '').join('\n');
}

function lineTable({ lines }: Evaluation): string {
  if (lines.length === 0) return '';
  const total = totalOf(lines);
  const rows = [...lines, { id: 'all', ...total }].map((line) => [
    ...[line.id, line.truth, line.right, line.missed, line.extra, line.wrongDirection],
    ...[percent(line.accuracy), percentRange(line.interval)],
  ]);
  const unjudged = lines.reduce((sum, line) => sum + line.unjudged, 0);
  const wrong = total.missed + total.extra + total.wrongDirection;
  return [
    table([['line', 'truth', 'right', 'missed', 'extra', 'turned', 'accuracy', '95 % interval'], ...rows]),
    `\n${wrong} wrong events against ${total.truth} true ones (missed + extra + turned: in the wrong direction)\n`,
    unjudged === 0
      ? ''
      : `${unjudged} counted events are not judged: optional, or so near an end of the truth that it may not know them\n`,
  ].join('');
}

function zoneTable({ zones }: Evaluation): string {
  if (zones.length === 0) return '';
  const header = [
    'zone',
    'truth',
    'right',
    'missed',
    'extra',
    'accuracy',
    'dwell s',
    'mean people',
    'max',
    'error',
  ];
  const rows = zones.map((zone) => [
    ...[zone.id, zone.truth, zone.right, zone.missed, zone.extra, percent(zone.accuracy)],
    ...[compared(zone.dwellSeconds), compared(zone.meanOccupancy)],
    ...[
      `${zone.maxOccupancy.counted ?? '–'} for ${zone.maxOccupancy.truth ?? '–'}`,
      decimal(zone.occupancyError),
    ],
  ]);
  return table([header, ...rows]);
}

function boxTable({ detection, tracking }: Evaluation): string {
  if (detection === null || tracking === null) return '';
  return [
    `detection, ${detection.frames} frames with ${detection.truth} true boxes, IoU 0.5: `,
    `recall ${percent(detection.recall)}, precision ${percent(detection.precision)}\n`,
    `tracking: MOTA ${percent(tracking.mota)}, MOTP ${percent(tracking.motp)}, ${tracking.idSwitches} id switches, `,
    `IDF1 ${percent(tracking.idf1)}, HOTA ${percent(tracking.hota)} `,
    `(DetA ${percent(tracking.detA)}, AssA ${percent(tracking.assA)})\n`,
  ].join('');
}

/** Columns as wide as their widest cell; the first one is text, the others are figures. */
function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map(String));
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells
    .map((row) => {
      const padded = row.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      );
      return `${padded.join('  ').trimEnd()}\n`;
    })
    .join('');
}
