import type { OutboxRecord } from '@headcount/shared';

/** When a record begins or happened: UTC ms. */
export function timeOf(record: OutboxRecord): number {
  if (record.kind === 'count' || record.kind === 'zone') return record.start;
  return record.kind === 'audit' ? record.result.answeredAt : record.at;
}

/** The same record `ms` later, or earlier where negative; its length stays. What is signed cannot be moved. */
export function shiftRecord<T extends OutboxRecord>(record: T, ms: number): T {
  if (record.kind === 'count' || record.kind === 'zone') return { ...record, start: record.start + ms };
  return record.kind === 'audit' ? record : { ...record, at: record.at + ms };
}
