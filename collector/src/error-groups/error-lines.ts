import { z } from 'zod';
import { fingerprintOf, templateOf } from './fingerprint.js';

/** Groups that are gathered between two writes; a storm of different errors must not take the memory. */
const MOST_GROUPS = 500;
const MOST_MESSAGE = 1000;
const MOST_STACK = 8000;

/** A line of the log as {@link loggerOptions} writes it. */
const lineSchema = z.looseObject({
  '@timestamp': z.iso.datetime(),
  message: z.string().default(''),
  error: z.object({ type: z.string(), message: z.string(), stack_trace: z.string() }).partial().optional(),
  requestId: z.string().optional(),
});

/** Errors of one group since they were last taken. */
export interface SeenErrors {
  readonly fingerprint: string;
  readonly type: string;
  /** Without what varies. */
  readonly message: string;
  /** UTC ms. */
  readonly firstAt: number;
  lastAt: number;
  count: number;
  example: ErrorExample;
}

/** The newest error of a group, secrets cut out as in the log. */
export interface ErrorExample {
  readonly at: number;
  readonly message: string;
  readonly stack: string;
  readonly requestId: string | null;
}

/** A stream for the error lines of a pino logger, which gathers them by their fingerprint until they are taken. */
export class ErrorLines {
  private seen = new Map<string, SeenErrors>();
  private lost = 0;

  /** Lines that were not gathered, because there were too many kinds of them or nobody could read them. */
  get dropped(): number {
    return this.lost;
  }

  /** Called by pino with each line. */
  write(text: string): void {
    const line = parse(text);
    if (line === undefined) {
      this.lost += 1;
      return;
    }
    const { error = {}, requestId = null } = line;
    const [type, stack] = [error.type ?? '', error.stack_trace ?? ''];
    const words = [line.message, error.message ?? ''].filter((part) => part !== '');
    const message = [...new Set(words)].join(': ').slice(0, MOST_MESSAGE);
    const fingerprint = fingerprintOf({ type, message, stack });
    const at = Date.parse(line['@timestamp']);
    this.add({
      ...{ fingerprint, type, message: templateOf(message), firstAt: at, lastAt: at, count: 1 },
      example: { at, message, stack: stack.slice(0, MOST_STACK), requestId },
    });
  }

  /** What was gathered; it is gone from here. */
  take(): SeenErrors[] {
    const taken = [...this.seen.values()];
    this.seen = new Map();
    return taken;
  }

  /** Put back what could not be written. */
  giveBack(errors: readonly SeenErrors[]): void {
    const newer = this.take();
    for (const error of [...errors, ...newer]) this.add(error);
  }

  private add(errors: SeenErrors): void {
    const known = this.seen.get(errors.fingerprint);
    if (known !== undefined) {
      known.count += errors.count;
      known.lastAt = errors.lastAt;
      known.example = errors.example;
    } else if (this.seen.size < MOST_GROUPS) this.seen.set(errors.fingerprint, errors);
    else this.lost += errors.count;
  }
}

function parse(text: string): z.infer<typeof lineSchema> | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
