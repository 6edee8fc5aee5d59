import type { LoggerOptions } from 'pino';

/** Fields that never reach a log, at any depth that our own code produces. */
const SECRET_FIELDS = ['password', 'pin', 'token', 'secret', 'authorization', 'cookie'];

/** Replace the user and password of every URL in a text, so that camera addresses can be logged and shown. */
export function redactUrls(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/gi, '$1***@');
}

/**
 * Pino options of both programs: ISO time in UTC, the level as a word, secrets cut out by field name and URL
 * credentials cut out of every text field.
 */
export function loggerOptions(service: string, level: string): LoggerOptions {
  return {
    level,
    base: { service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '***' },
    hooks: { streamWrite: redactUrls },
  };
}
