import { records } from './001-records.js';
import { retention } from './002-retention.js';

/** Every step from an empty file to today's schema, in order; a step that was released never changes. */
export const MIGRATIONS: readonly string[] = [records, retention];
