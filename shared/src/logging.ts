import { ecsFormat } from '@elastic/ecs-pino-format';
import type { LoggerOptions } from 'pino';

/** Fields that never reach a log, at any depth that our own code produces. */
const SECRET_FIELDS = ['password', 'pin', 'token', 'secret', 'authorization', 'cookie'];

/** Replace the user and password of every URL in a text, so that camera addresses can be logged and shown. */
export function redactUrls(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/gi, '$1***@');
}

/**
 * Pino options of both programs: one JSON object a line in the Elastic Common Schema, secrets cut out by field name and URL
 * credentials cut out of every text field.
 */
export function loggerOptions(service: string, level: string): LoggerOptions {
  return {
    ...ecsFormat({ serviceName: service, apmIntegration: false }),
    level,
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '***' },
    hooks: { streamWrite: redactUrls },
  };
}
