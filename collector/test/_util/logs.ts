import { loggerOptions } from '@headcount/shared';
import { pino, type Logger } from 'pino';
import { z } from 'zod';
import { ErrorLines } from '../../src/error-groups/error-lines.js';

const lineSchema = z
  .looseObject({ 'log.level': z.string(), message: z.string().default('') })
  .transform(({ 'log.level': level, message: msg, ...rest }) => ({ level, msg, ...rest }));

/** One line of the log. */
export type LogLine = z.infer<typeof lineSchema>;

/** A logger whose lines a test can read; an error that no test has said to expect is a failure. */
export class LogBook {
  readonly logger: Logger;
  readonly errorLines = new ErrorLines();
  readonly lines: LogLine[] = [];
  private readonly expected: RegExp[] = [];

  constructor() {
    const write = (line: string) => void this.lines.push(lineSchema.parse(JSON.parse(line)));
    this.logger = pino(
      loggerOptions('headcount-collector', 'debug'),
      pino.multistream([
        { level: 'debug', stream: { write } },
        { level: 'error', stream: this.errorLines },
      ]),
    );
  }

  /** Errors whose message matches belong to this test. */
  expectError(message: RegExp): void {
    this.expected.push(message);
  }

  /** Lines whose message matches. */
  matching(message: RegExp): LogLine[] {
    return this.lines.filter(({ msg }) => message.test(msg));
  }

  /** @throws Error that shows every error and fatal line that no test expected */
  check(): void {
    const unexpected = this.lines
      .filter(({ level }) => level === 'error' || level === 'fatal')
      .filter(({ msg }) => !this.expected.some((pattern) => pattern.test(msg)));
    if (unexpected.length > 0)
      throw new Error(`unexpected errors in the log: ${JSON.stringify(unexpected, null, 2)}`);
  }
}
