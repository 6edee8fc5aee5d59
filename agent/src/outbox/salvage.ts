import { recordSchema, type OutboxRecord } from '@headcount/shared';
import Database from 'better-sqlite3';

/** Rows read at once; less where one of them cannot be read. */
const ROWS = 500;
/** Numbers tried one by one after a place that cannot be read, before larger and larger steps are taken. */
const PATIENCE = 64;

interface SalvagedRow {
  readonly seq: number;
  readonly added_at: number;
  readonly body: string;
}

interface SalvagedInterval {
  readonly camera: string;
  readonly state: string;
  readonly boot: string | null;
  readonly offset_ms: number | null;
}

/** What could be read from a damaged outbox. */
export interface Salvage {
  /** Id of the damaged file; empty where not even that could be read, and then there are no rows. */
  readonly epoch: string;
  readonly rows: readonly SalvagedRow[];
  readonly open: readonly SalvagedInterval[];
  /** Numbers for the log, and the same in words for the event. */
  readonly report: Readonly<Record<string, number | null>>;
  readonly words: string;
}

interface Facts {
  readonly epoch: string;
  readonly last_seq: number;
  readonly settled_up_to: number;
}

/**
 * Read what can be read of a damaged file. Its records keep its epoch and their numbers, so that the collector skips
 * those that it has and records those that are missing: nothing is counted twice. Never-reset totals go on from the open
 * intervals, in the new epoch.
 */
export function salvage(file: string): Salvage {
  let db: Database.Database | undefined;
  try {
    db = new Database(file);
    const { epoch, last_seq: last, settled_up_to: settled } = factsOf(db);
    const rows = readRows(db, { from: settled + 1, to: last });
    const open = readOpen(db, rows);
    // An outbox that was coarsened has fewer records than numbers: then this is the most that can be lost.
    const lost = last - settled - rows.length;
    const words =
      `records up to ${settled} were settled, the last was ${last}; ${rows.length} of the ${last - settled} numbers ` +
      `between were read back and are sent, ${lost} are lost or were merged; ${open.length} open intervals with their totals were read back`;
    return { epoch, rows, open, report: { settled, last, salvaged: rows.length, lost }, words };
  } catch {
    // Whatever SQLite says about a damaged file: nothing more can be had from it. The file is kept.
    const report = { settled: null, last: null, salvaged: 0, lost: null };
    return {
      epoch: '',
      rows: [],
      open: [],
      report,
      words: 'nothing could be read back; how much is lost is not known',
    };
  } finally {
    db?.close();
  }
}

function factsOf(db: Database.Database): Facts {
  const facts = db.prepare<[], Facts>('SELECT epoch, last_seq, settled_up_to FROM meta').get();
  if (facts === undefined) throw new Error('the file has no description');
  return facts;
}

function readRows(db: Database.Database, range: { from: number; to: number }): SalvagedRow[] {
  const read = db.prepare<[number, number, number], SalvagedRow>(
    'SELECT seq, added_at, body FROM record WHERE seq >= ? AND seq <= ? ORDER BY seq LIMIT ?',
  );
  const found: SalvagedRow[] = [];
  let from = range.from;
  let failures = 0;
  while (from <= range.to) {
    try {
      const rows = read.all(from, range.to, failures === 0 ? ROWS : 1);
      const last = rows.at(-1);
      if (last === undefined) break;
      found.push(...rows.filter(isRecord));
      from = last.seq + 1;
      failures = 0;
    } catch {
      // The first failure asks again row by row; then further and further on, so that the whole file is passed soon.
      from += failures === 0 ? 0 : Math.max(1, 2 ** (failures - PATIENCE));
      failures += 1;
    }
  }
  return found;
}

/** A damaged page may give a row that is none. */
function isRecord({ body }: SalvagedRow): boolean {
  try {
    return recordSchema.safeParse(JSON.parse(body)).success;
  } catch {
    return false;
  }
}

/** Open intervals, but not one that a salvaged record already tells of: it would be counted twice. */
function readOpen(db: Database.Database, rows: readonly SalvagedRow[]): SalvagedInterval[] {
  try {
    const open = db
      // Every column, because a file of an older version has no stamps.
      .prepare<[], Partial<SalvagedInterval> & Pick<SalvagedInterval, 'camera' | 'state'>>(
        'SELECT * FROM open_interval',
      )
      .all()
      .map(({ boot = null, offset_ms = null, ...one }) => ({ ...one, boot, offset_ms }));
    const told = newestTold(rows);
    return open.filter(
      ({ camera, state }) => (JSON.parse(state) as { start: number }).start > (told.get(camera) ?? -1),
    );
  } catch {
    return [];
  }
}

/** Start of the newest interval of every camera (UTC ms). Each row is read once: there may be a whole backlog of them. */
function newestTold(rows: readonly SalvagedRow[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { body } of rows) {
    const record = JSON.parse(body) as OutboxRecord;
    if (record.kind === 'count' || record.kind === 'zone')
      newest.set(record.camera, Math.max(record.start, newest.get(record.camera) ?? record.start));
  }
  return newest;
}
