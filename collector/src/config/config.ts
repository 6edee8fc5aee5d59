import { join } from 'node:path';
import { readConfig, readSecret } from '@headcount/shared';
import { z } from 'zod';
import { secureListeners } from './listeners.js';
import { isServer } from './place.js';

/** True for a time zone of the IANA database that this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Z]/.test(name);
  } catch {
    return false;
  }
}

/** The collector's configuration file; every field and its default. It holds no secret. */
const fileSchema = z.strictObject({
  dataDir: z.string().min(1).default('/var/lib/headcount-collector').describe('folder of the database'),
  database: z
    .strictObject({
      urlFile: z
        .string()
        .min(1)
        .optional()
        .describe(
          'file that holds the URL of a PostgreSQL database, or the variable DATABASE_URL; without both it is a SQLite file in dataDir',
        ),
    })
    .prefault({}),
  http: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('address of the console and the API'),
      port: z.int().min(0).max(65535).default(8080),
    })
    .prefault({}),
  mqtt: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('address of the broker for gateways'),
      port: z.int().min(0).max(65535).default(1883),
      maxConnections: z.int().min(1).max(100_000).default(2000),
    })
    .prefault({}),
  ...secureListeners,
  retention: z
    .strictObject({
      minuteDays: z.int().min(35).max(36_500).default(400).describe('counts by the minute'),
      quarterDays: z.int().min(35).max(36_500).default(1100).describe('counts by the quarter of an hour'),
      eventDays: z.int().min(35).max(36_500).default(400).describe('events and state changes'),
      hostDays: z.int().min(1).max(36_500).default(30).describe('samples of gateway health'),
      deadLetterDays: z.int().min(1).max(36_500).default(90).describe('messages that could not be stored'),
    })
    .prefault({})
    .describe('days that each kind is kept; counts by the hour and the day are kept for ever'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'is no time zone of the IANA database; write one such as Asia/Ho_Chi_Minh')
    .default('UTC')
    .describe('zone of a site that is added without one'),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

const DATABASE_URL = 'DATABASE_URL';
const NO_URL =
  'is no URL of a PostgreSQL database; write one such as postgres://user:password@host/headcount';

/** The checked configuration. */
export type CollectorConfig = Readonly<z.infer<typeof fileSchema>> & {
  /** URL of the PostgreSQL database, a secret; undefined for SQLite. */
  readonly databaseUrl: string | undefined;
};

/**
 * Read and check a configuration file.
 * @throws ConfigError with every problem at once
 */
export function loadConfig(path: string, env: NodeJS.ProcessEnv = process.env): CollectorConfig {
  let databaseUrl: string | undefined;
  const config = readConfig(path, fileSchema, ({ database: { urlFile } }, problem) => {
    if (urlFile === undefined && env[DATABASE_URL] === undefined) return;
    const read = readSecret(urlFile, DATABASE_URL, env);
    if ('problem' in read) problem(['database', 'urlFile'], read.problem);
    // The URL holds a password, so that it is not repeated.
    else if (!isServer(read.secret)) problem(['database', 'urlFile'], NO_URL);
    else databaseUrl = read.secret;
  });
  return Object.freeze({ ...config, databaseUrl });
}

/** Where the database is: the URL of a server, or the path of a file. */
export function storePlace({ dataDir, databaseUrl }: CollectorConfig): string {
  return databaseUrl ?? join(dataDir, 'collector.sqlite');
}
