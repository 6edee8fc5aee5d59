import {
  ATTACHMENT_PART_BYTES,
  commandEnvelopeSchema,
  commandRequestSchema,
  CONTRACT_VERSION,
  decode,
  describeIssues,
  MAX_ATTACHMENT_PARTS,
  type CommandRequest,
  type ResultMessage,
} from '@headcount/shared';
import type { Logger } from 'pino';
import type { z } from 'zod';

/** Answers that are remembered, so that a command that comes twice is obeyed once. */
const MAX_REMEMBERED = 200;
/** Commands that may be under way at a time. */
const MAX_RUNNING = 8;
/** Longest that a command may be under way, whatever its deadline says (ms). */
const LONGEST_MS = 3_600_000;

/** What became of a command. */
export interface CommandAnswer {
  readonly outcome: ResultMessage['outcome'];
  /** In words for a person; empty where there is nothing to say. */
  readonly detail?: string;
  /** A file that was asked for. */
  readonly file?: { readonly contentType: string; readonly content: Uint8Array };
}

/**
 * Obeys one kind of command.
 * @param deadline UTC ms; `signal` is aborted then, and when the agent stops
 */
type Handler<K extends CommandRequest['kind']> = (
  command: Extract<CommandRequest, { kind: K }>,
  context: { readonly deadline: number; readonly signal: AbortSignal },
) => CommandAnswer | Promise<CommandAnswer>;

/** One handler per kind; kinds without one are answered as unsupported. */
export type CommandHandlers = { readonly [K in CommandRequest['kind']]?: Handler<K> };

/** What the commands need. */
export interface CommandsOptions {
  readonly handlers: CommandHandlers;
  readonly publish: (result: string) => void;
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Obeys the collector's commands: each once, none after its deadline, and every one is answered. */
export class Commands {
  private readonly options: CommandsOptions;
  private readonly answered = new Map<string, ResultMessage>();
  private readonly running = new Map<string, AbortController>();

  constructor(options: CommandsOptions) {
    this.options = options;
  }

  /** @throws PayloadError when it is no command at all */
  take(payload: Uint8Array): void {
    const envelope = decode(commandEnvelopeSchema, payload);
    const { id } = envelope;
    const before = this.answered.get(id);
    if (before !== undefined) this.options.publish(JSON.stringify(before));
    if (before !== undefined || this.running.has(id)) return;
    const request = commandRequestSchema.safeParse(envelope);
    const refusal = this.refusal(envelope, request.success ? undefined : request.error);
    if (refusal !== undefined) this.answer(id, refusal);
    else if (request.data !== undefined) void this.obey(id, request.data, envelope.deadline);
  }

  /** The agent stops: what is under way is given up. */
  stop(): void {
    for (const controller of this.running.values()) controller.abort(new Error('the agent is stopping'));
  }

  /** Why a command is not obeyed. @param wrong what its fields have wrong */
  private refusal(
    { kind, deadline }: { kind: string; deadline: number },
    wrong: z.ZodError | undefined,
  ): CommandAnswer | undefined {
    if (deadline <= this.options.now())
      return { outcome: 'expired', detail: 'the deadline had passed already' };
    if (!(kind in this.options.handlers))
      return { outcome: 'unsupported', detail: `this agent does not know "${kind}"` };
    if (wrong !== undefined) return { outcome: 'failed', detail: describeIssues(wrong).join('; ') };
    if (this.running.size >= MAX_RUNNING)
      return { outcome: 'failed', detail: `${MAX_RUNNING} commands are under way; try again` };
    return undefined;
  }

  private async obey(id: string, request: CommandRequest, deadline: number): Promise<void> {
    const controller = new AbortController();
    this.running.set(id, controller);
    const late = setTimeout(
      () => controller.abort(new Error('not done before its deadline')),
      Math.min(deadline - this.options.now(), LONGEST_MS),
    );
    try {
      const { signal } = controller;
      const done = this.dispatch(request, { deadline, signal });
      this.answer(id, await Promise.race([done, aborted(signal)]));
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.options.logger.warn({ err: error, kind: request.kind }, 'a command failed');
      this.answer(id, { outcome: 'failed', detail });
    } finally {
      clearTimeout(late);
      this.running.delete(id);
    }
  }

  private async dispatch(
    request: CommandRequest,
    context: { deadline: number; signal: AbortSignal },
  ): Promise<CommandAnswer> {
    // The handler under a kind takes commands of that kind; the compiler cannot follow that through the union.
    const handler = this.options.handlers[request.kind] as Handler<CommandRequest['kind']> | undefined;
    return (await handler?.(request, context)) ?? { outcome: 'unsupported' };
  }

  private answer(id: string, { outcome, detail = '', file }: CommandAnswer): void {
    const result: ResultMessage = { v: CONTRACT_VERSION, id, outcome, detail: detail.slice(0, 1000) };
    const parts = Math.max(1, Math.ceil((file?.content.length ?? 0) / ATTACHMENT_PART_BYTES));
    if (parts > MAX_ATTACHMENT_PARTS) {
      this.answer(id, { outcome: 'failed', detail: 'what was asked for is larger than may be sent' });
      return;
    }
    // Without the file: a picture is worth nothing later, and the memory is bounded.
    this.remember(id, file === undefined ? result : { ...result, detail: 'sent before' });
    if (file === undefined) {
      this.options.publish(JSON.stringify(result));
      return;
    }
    const bytes = Buffer.from(file.content);
    for (let part = 0; part < parts; part++) {
      const from = part * ATTACHMENT_PART_BYTES;
      const data = bytes.subarray(from, from + ATTACHMENT_PART_BYTES).toString('base64');
      const attachment = { contentType: file.contentType, part, parts, data };
      this.options.publish(JSON.stringify({ ...result, attachment } satisfies ResultMessage));
    }
  }

  private remember(id: string, result: ResultMessage): void {
    this.answered.set(id, result);
    for (const oldest of this.answered.keys()) {
      if (this.answered.size <= MAX_REMEMBERED) break;
      this.answered.delete(oldest);
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
