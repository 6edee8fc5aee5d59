import { readConfig } from '@headcount/shared';
import { z } from 'zod';
import { secureListeners } from './listeners.js';

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
  timeZone: z
    .string()
    .refine(isTimeZone, 'is no time zone of the IANA database; write one such as Asia/Ho_Chi_Minh')
    .default('UTC')
    .describe('zone of a site that is added without one'),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

/** The checked configuration. */
export type CollectorConfig = Readonly<z.infer<typeof fileSchema>>;

/**
 * Read and check a configuration file.
 * @throws ConfigError with every problem at once
 */
export function loadConfig(path: string): CollectorConfig {
  return Object.freeze(readConfig(path, fileSchema));
}
