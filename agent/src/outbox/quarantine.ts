import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';

/** Damaged files that are kept for whoever wants to look at them; the oldest go first. */
const MAX_KEPT = 3;
const SUFFIXES = ['', '-wal', '-shm'];

/**
 * Whether SQLite finds nothing wrong with a file.
 * @throws SqliteError when the file cannot be read at all, which is not damage
 */
export function isSound(file: string): boolean {
  try {
    const db = new Database(file);
    try {
      return db.pragma('quick_check', { simple: true }) === 'ok';
    } finally {
      db.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) return false;
    throw error;
  }
}

/**
 * Move a damaged file aside with its log.
 * @param now UTC ms; stands in the new name
 * @returns where it is now
 */
export function setAside(file: string, now: number): string {
  const aside = `${file}.damaged-${now}`;
  for (const suffix of SUFFIXES) if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  for (const old of quarantined(file).slice(0, -MAX_KEPT))
    for (const suffix of SUFFIXES) rmSync(old + suffix, { force: true });
  return aside;
}

/** Damaged files of this outbox, the oldest first. */
export function quarantined(file: string): string[] {
  const start = `${basename(file)}.damaged-`;
  return readdirSync(dirname(file))
    .filter((name) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length)))
    .sort((a, b) => Number(a.slice(start.length)) - Number(b.slice(start.length)))
    .map((name) => join(dirname(file), name));
}
