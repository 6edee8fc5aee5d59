import { randomUUID } from 'node:crypto';
import {
  CONTRACT_VERSION,
  type CommandMessage,
  type CommandRequest,
  type ResultMessage,
} from '@headcount/shared';
import type { CommandAnswer } from '../schema/remote.js';

/** Commands that may wait for their result at a time. */
const MAX_WAITING = 100;

/** What the commands need. */
export interface CommandsOptions {
  readonly send: (gateway: string, command: CommandMessage) => Promise<void>;
  /** UTC ms. */
  readonly now: () => number;
}

/** A command that cannot be asked for, or that nobody answered; the message says why. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: 'COMMAND_LIMIT' | 'COMMAND_UNANSWERED';

  constructor(code: CommandError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

interface Waiting {
  readonly gateway: string;
  readonly parts: (string | undefined)[];
  readonly resolve: (answer: CommandAnswer) => void;
}

/** Asks a gateway for something and waits for its answer, putting a file together that comes in parts. */
export class Commands {
  private readonly options: CommandsOptions;
  private readonly waiting = new Map<string, Waiting>();

  constructor(options: CommandsOptions) {
    this.options = options;
  }

  /**
   * Send a command and wait for its result until its deadline.
   * @throws CommandError when too many wait, or the gateway does not answer in time
   */
  async ask(gateway: string, request: CommandRequest, waitMs: number): Promise<CommandAnswer> {
    if (this.waiting.size >= MAX_WAITING)
      throw new CommandError('COMMAND_LIMIT', `${MAX_WAITING} commands are under way; try again in a moment`);
    const id = randomUUID();
    const deadline = this.options.now() + waitMs;
    const answered = new Promise<CommandAnswer>((resolve) => {
      this.waiting.set(id, { gateway, parts: [], resolve });
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const seconds = Math.round(waitMs / 1000);
      const error = new CommandError('COMMAND_UNANSWERED', `${gateway} did not answer within ${seconds} s`);
      timer = setTimeout(() => reject(error), waitMs);
    });
    try {
      await this.options.send(gateway, { v: CONTRACT_VERSION, id, deadline, ...request });
      return await Promise.race([answered, late]);
    } finally {
      clearTimeout(timer);
      this.waiting.delete(id);
    }
  }

  /** A result came; one that nobody waits for, or of another gateway, is ignored. */
  take(gateway: string, { id, outcome, detail, attachment }: ResultMessage): void {
    const waiting = this.waiting.get(id);
    if (waiting?.gateway !== gateway) return;
    if (attachment === undefined) {
      waiting.resolve({ id, outcome, detail, file: null });
      return;
    }
    const { contentType, part, parts, data } = attachment;
    waiting.parts[part] = data;
    if (waiting.parts.filter((one) => one !== undefined).length < parts) return;
    const bytes = Buffer.concat(waiting.parts.map((one) => Buffer.from(one ?? '', 'base64')));
    waiting.resolve({ id, outcome, detail, file: { contentType, data: bytes.toString('base64') } });
  }
}
