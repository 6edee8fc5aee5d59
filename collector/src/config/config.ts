import { join } from 'node:path';
import { readConfig, readSecret } from '@headcount/shared';
import { z } from 'zod';
import { timeZoneSchema } from '../schema/sites.js';
import { secureListeners } from './listeners.js';
import { notifySchema, readNotifySecrets, type NotifySecrets } from './notify.js';
import { isServer } from './place.js';

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
  redis: z
    .strictObject({
      urlFile: z
        .string()
        .min(1)
        .optional()
        .describe(
          'file that holds the URL of a Redis server that joins several collectors, or the variable REDIS_URL; needs PostgreSQL',
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
  ws: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('address of the broker over WebSocket'),
      port: z.int().min(0).max(65535).default(8083),
    })
    .optional(),
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
  notify: notifySchema.describe('how people are notified'),
  timeZone: timeZoneSchema.default('UTC').describe('zone of a site that is added without one'),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

/** The checked configuration. */
export type CollectorConfig = Readonly<z.infer<typeof fileSchema>> & {
  /** URL of the PostgreSQL database, a secret; undefined for SQLite. */
  readonly databaseUrl: string | undefined;
  /** URL of the Redis server, a secret; undefined for a collector that is alone. */
  readonly redisUrl: string | undefined;
  readonly notifySecrets: NotifySecrets;
};

/**
 * Read and check a configuration file.
 * @throws ConfigError with every problem at once
 */
export function loadConfig(path: string, env: NodeJS.ProcessEnv = process.env): CollectorConfig {
  const urls: { databaseUrl: string | undefined; redisUrl: string | undefined } = {
    databaseUrl: undefined,
    redisUrl: undefined,
  };
  let notifySecrets: NotifySecrets = {};
  const config = readConfig(path, fileSchema, ({ database, redis, notify }, problem) => {
    notifySecrets = readNotifySecrets(notify, env, problem);
    const read = (section: string, file: string | undefined, form: UrlForm) =>
      readUrl(file, env, form, (message) => problem([section, 'urlFile'], message));
    urls.databaseUrl = read('database', database.urlFile, DATABASE);
    urls.redisUrl = read('redis', redis.urlFile, REDIS);
    if (urls.redisUrl !== undefined && urls.databaseUrl === undefined)
      problem(
        ['redis', 'urlFile'],
        'several collectors need one PostgreSQL database; name it in database.urlFile',
      );
  });
  return Object.freeze({ ...config, ...urls, notifySecrets });
}

/** How the URL of a server is given and what it looks like. */
interface UrlForm {
  readonly variable: string;
  readonly fits: (url: string) => boolean;
  readonly example: string;
}

const DATABASE: UrlForm = {
  variable: 'DATABASE_URL',
  fits: isServer,
  example: 'a PostgreSQL database; write one such as postgres://user:password@host/headcount',
};
const REDIS: UrlForm = {
  variable: 'REDIS_URL',
  fits: (url) => /^rediss?:\/\/\S+$/.test(url),
  example: 'a Redis server; write one such as redis://:password@host:6379',
};

/** The URL where one is given; it holds a password, so that no message repeats it. */
function readUrl(
  file: string | undefined,
  env: NodeJS.ProcessEnv,
  { variable, fits, example }: UrlForm,
  problem: (message: string) => void,
): string | undefined {
  if (file === undefined && env[variable] === undefined) return undefined;
  const read = readSecret(file, variable, env);
  if ('problem' in read) problem(read.problem);
  else if (fits(read.secret)) return read.secret;
  else problem(`is no URL of ${example}`);
  return undefined;
}

/** Where the database is: the URL of a server, or the path of a file. */
export function storePlace({ dataDir, databaseUrl }: CollectorConfig): string {
  return databaseUrl ?? join(dataDir, 'collector.sqlite');
}
