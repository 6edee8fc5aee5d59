import type { OutboxRecord } from '@headcount/shared';

/** The same record `ms` later, or earlier where negative; its length stays. */
export function shiftRecord<T extends OutboxRecord>(record: T, ms: number): T {
  return record.kind === 'count' || record.kind === 'zone'
    ? { ...record, start: record.start + ms }
    : { ...record, at: record.at + ms };
}
