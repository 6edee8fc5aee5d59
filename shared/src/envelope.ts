import { z } from 'zod';

/** Version of the wire contract; it stands in every payload as `v` and in every topic as `v1`. */
export const CONTRACT_VERSION = 1;

/** Every payload carries the contract version. */
export const versionSchema = z.literal(CONTRACT_VERSION);

/** Random id made with an outbox file: a new file means a new epoch, and totals start again from zero. */
export const epochSchema = z.uuid();

/** Position of a record in its epoch: 1, 2, 3 … without holes. */
export const seqSchema = z.int().min(1);

/** 2020-01-01: a clock that stands before it was never set. */
export const EARLIEST_UTC_MS = Date.UTC(2020, 0, 1);

/** UTC milliseconds since 1970, not before {@link EARLIEST_UTC_MS}. */
export const utcMsSchema = z.int().min(EARLIEST_UTC_MS);

/** Most records in one batch: bounds the collector's transaction and the size of one MQTT payload. */
export const MAX_BATCH_RECORDS = 200;

/** Largest MQTT payload either side accepts, in bytes. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;
