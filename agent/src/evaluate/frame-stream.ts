import type { Frame, FrameSource } from '../camera/frame.js';

/** A clip or a camera cannot be read to the wanted end. */
export class FrameStreamError extends Error {
  override readonly name = 'FrameStreamError';
  readonly code = 'FRAME_STREAM_FAILED';
}

/** What happens with the frames of a source. */
export interface FrameStreamOptions {
  readonly source: FrameSource;
  /** True: every wanted frame is handled and the decoder waits. False: only the newest, as in live counting. */
  readonly every: boolean;
  /** Time of a frame since the first one (ms); asked once per frame, in order, when it arrives. */
  readonly timeOf: (frame: Frame) => number;
  /** What to do with the frame of a time; `enough` ends the source. */
  readonly wanted: (ms: number) => 'take' | 'leave' | 'enough';
  /** The frame is released when this has settled. */
  readonly handle: (frame: Frame, ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Run a source to its end, one frame at a time. Frames that wait are bounded by the decoder's pool.
 * @returns how many wanted frames gave way to newer ones
 * @throws FrameStreamError when the source fails; whatever `handle` throws
 */
export async function eachFrame(options: FrameStreamOptions): Promise<{ dropped: number }> {
  const stream = new FrameStream(options);
  return stream.run();
}

class FrameStream {
  private readonly options: FrameStreamOptions;
  private readonly waiting: { readonly frame: Frame; readonly ms: number }[] = [];
  private dropped = 0;
  private ended = false;
  private failure: Error | undefined;
  private working: Promise<void> | undefined;

  constructor(options: FrameStreamOptions) {
    this.options = options;
  }

  async run(): Promise<{ dropped: number }> {
    const { source, signal } = this.options;
    signal.throwIfAborted();
    const stop = () => this.end();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const { cause, detail } = await new Promise<{ cause: string; detail: string }>((resolve) =>
        source.start({ onFrame: (frame) => this.take(frame), onEnd: resolve }),
      );
      await this.working;
      if (this.failure !== undefined) throw this.failure;
      signal.throwIfAborted();
      if (cause !== 'stream-ended' && !this.ended)
        throw new FrameStreamError(`the video cannot be decoded: ${detail || cause}`);
      return { dropped: this.dropped };
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  private take(frame: Frame): void {
    const ms = this.options.timeOf(frame);
    const decision = this.ended ? 'leave' : this.options.wanted(ms);
    if (decision === 'enough') this.end();
    if (decision !== 'take') {
      frame.release();
      return;
    }
    if (!this.options.every) {
      this.dropped += this.waiting.length;
      for (const older of this.waiting.splice(0)) older.frame.release();
    }
    this.waiting.push({ frame, ms });
    this.working ??= this.work().finally(() => (this.working = undefined));
  }

  private async work(): Promise<void> {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      const { frame, ms } = next;
      try {
        if (this.failure === undefined && !this.options.signal.aborted) await this.options.handle(frame, ms);
      } catch (error) {
        this.failure = error instanceof Error ? error : new FrameStreamError(String(error));
        this.end();
      } finally {
        frame.release();
      }
    }
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    void this.options.source.stop();
  }
}
