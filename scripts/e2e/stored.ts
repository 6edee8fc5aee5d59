import Database from 'better-sqlite3';
import type { Stack } from '../lib/stack.js';

/** The first column of what a stack's collector has stored. */
export function storedRows(stack: Stack, query: string): unknown[] {
  const db = new Database(stack.file('collector/collector.sqlite'), { readonly: true });
  try {
    return db.prepare(query).pluck().all();
  } finally {
    db.close();
  }
}
