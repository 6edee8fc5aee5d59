import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { DENSITIES, LIGHTS, MAX_NOTE_LENGTH, type Density, type Light } from '../schema/audit-terms.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
/** Rows of one file: three weeks by the quarter of an hour. */
const MOST_ROWS = 2000;
const MOST_CROSSINGS = 100_000;

const REQUIRED = ['from', 'to', 'in', 'out'] as const;
const OPTIONAL = ['light', 'density', 'note'] as const;
const COLUMNS: readonly string[] = [...REQUIRED, ...OPTIONAL];

/** What is wrong in a file, where, and how to mend it. */
export interface FileError {
  /** Such as "row 3, to": rows are lines of the file, the header is row 1. */
  readonly path: string;
  readonly message: string;
}

/** A row of the file; times are UTC ms. */
export interface ImportRow {
  readonly row: number;
  readonly from: number;
  readonly to: number;
  readonly in: number;
  readonly out: number;
  readonly light: Light | null;
  readonly density: Density | null;
  readonly note: string;
}

const time = z.union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })], {
  error: 'is not a time with its offset; write it as 2026-03-02T10:00+07:00',
});
const wholeMinute = time
  .transform((text) => Date.parse(text))
  .refine((at) => at % MINUTE_MS === 0, 'is not a whole minute, as counts are stored; leave out the seconds');
const crossings = z
  .string()
  .regex(/^\d{1,6}$/, 'is not a whole number of people, 0 or more')
  .transform(Number)
  .refine((count) => count <= MOST_CROSSINGS, `is more than ${MOST_CROSSINGS}; split the row`);
const oneOf = <T extends string>(names: readonly [T, ...T[]]) =>
  z
    .union([z.literal('').transform(() => null), z.enum(names)], {
      error: `is none of ${names.join(', ')}; leave it empty where you do not know`,
    })
    .default(null);

const timesSchema = z.object({ from: z.number(), to: z.number() });
const rowSchema = z
  .object({
    from: wholeMinute,
    to: wholeMinute,
    in: crossings,
    out: crossings,
    light: oneOf(LIGHTS),
    density: oneOf(DENSITIES),
    note: z
      .string()
      .max(MAX_NOTE_LENGTH, `is longer than ${MAX_NOTE_LENGTH} characters; shorten it`)
      .default(''),
  })
  .refine(({ from, to }) => to > from && to - from <= DAY_MS, {
    path: ['to'],
    message: 'must lie after "from", by 24 hours at most; split longer rows',
    // Also where another column is wrong: everything is said at once.
    when: ({ value }) => timesSchema.safeParse(value).success,
  });

/**
 * Read a file of manual counts: a header with from, to, in, out and, where known, light, density and note, in any order, separated
 * by commas or semicolons.
 * @returns every row, or everything that is wrong
 */
export function readImport(csv: string): { rows: ImportRow[]; errors: FileError[] } {
  const lines = tableOf(csv);
  if (!Array.isArray(lines)) return { rows: [], errors: [lines] };
  const [header, ...body] = lines;
  const names = header?.cells.map((name) => name.toLowerCase()) ?? [];
  const wrong = headerErrors(names);
  if (wrong.length > 0) return { rows: [], errors: wrong };
  if (body.length === 0 || body.length > MOST_ROWS) {
    const message =
      body.length === 0
        ? 'has a header and no rows; add one row per span'
        : `has ${body.length} rows; send at most ${MOST_ROWS} at once`;
    return { rows: [], errors: [{ path: 'file', message }] };
  }
  const rows: ImportRow[] = [];
  const errors: FileError[] = [];
  for (const { row, cells } of body) {
    const found = rowSchema.safeParse(
      Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])),
    );
    if (found.success) rows.push({ row, ...found.data });
    else
      for (const { path, message } of found.error.issues)
        errors.push({ path: `row ${row}, ${String(path[0] ?? 'from')}`, message });
  }
  return { rows, errors: [...errors, ...overlapErrors(rows)] };
}

interface Line {
  readonly row: number;
  readonly cells: readonly string[];
}

function tableOf(csv: string): Line[] | FileError {
  // Excel writes semicolons where the comma is the decimal sign.
  const first = csv.slice(0, csv.search(/[\r\n]|$/));
  try {
    const records = parse(csv, {
      delimiter: first.includes(';') ? ';' : ',',
      ...{ bom: true, trim: true, skip_empty_lines: true, info: true },
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return records.map(({ record, info }) => ({ row: info.lines, cells: record }));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { path: 'file', message: `is not comma-separated text: ${message}` };
  }
}

function headerErrors(names: readonly string[]): FileError[] {
  const missing = REQUIRED.filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !COLUMNS.includes(name));
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...missing.map((name) => ({ path: 'row 1', message: `has no column "${name}"; add it` })),
    ...unknown.map((name) => ({
      path: 'row 1',
      message: `has an unknown column "${name.slice(0, 40)}"; columns are ${COLUMNS.join(', ')}`,
    })),
    ...twice.map((name) => ({ path: 'row 1', message: `has the column "${name}" twice; leave one out` })),
  ];
}

/** The same crossing must not count twice. */
function overlapErrors(rows: readonly ImportRow[]): FileError[] {
  const sorted = [...rows].sort((a, b) => a.from - b.from);
  let before: ImportRow | undefined;
  return sorted.flatMap((one) => {
    const other = before;
    if (before === undefined || one.to > before.to) before = one;
    if (other === undefined || one.from >= other.to) return [];
    const message = `lies in the time of row ${other.row}; the same people must not count twice`;
    return [{ path: `row ${one.row}, from`, message }];
  });
}
