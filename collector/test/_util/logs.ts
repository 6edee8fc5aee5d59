import { pino, type Logger } from 'pino';
import { z } from 'zod';

const lineSchema = z.looseObject({ level: z.string(), msg: z.string().default('') });

/** One line of the log. */
export type LogLine = z.infer<typeof lineSchema>;

/** A logger whose lines a test can read; an error that no test has said to expect is a failure. */
export class LogBook {
  readonly logger: Logger;
  readonly lines: LogLine[] = [];
  private readonly expected: RegExp[] = [];

  constructor() {
    const write = (line: string) => void this.lines.push(lineSchema.parse(JSON.parse(line)));
    this.logger = pino({ level: 'debug', formatters: { level: (label) => ({ level: label }) } }, { write });
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
