import { redactUrls } from '@headcount/shared';
import ffmpeg, { type FfmpegCommand } from 'fluent-ffmpeg';
import type { Logger } from 'pino';
import type { FrameSource, SourceEnd, StreamInfo } from '../camera/frame.js';
import { SweepGuard } from '../camera/sweep-guard.js';
import { classifyEnd, isDecodeError, streamOf } from './classify.js';
import { addressOf, inputOptions, outputOptions, type StreamRequest } from './ffmpeg-options.js';
import { FramePipe } from './frame-pipe.js';
import type { DecodeChoice } from './hardware.js';
import type { PrivacyMask } from './privacy-mask.js';
import { Y4mReader } from './y4m-reader.js';

/** Last lines of ffmpeg's stderr that are kept. */
const RING_LINES = 40;
/** A stream that sends nothing for so long is dead, whatever TCP says (ms). */
const SILENCE_MS = 7000;
/** Connecting and waiting for the first key frame may take longer (ms). */
const FIRST_FRAME_MS = 12_000;
const CHECK_MS = 500;
/** Packets that hardware may refuse before its first frame: some decoders (QSV) would refuse every one for ever. */
const REFUSED_PACKETS = 5;
/** After TERM ffmpeg gets this long before KILL (ms). */
const TERM_GRACE_MS = 2000;

/** Settings of one decoder life. */
export interface FfmpegSourceOptions extends Omit<StreamRequest, 'realTime'> {
  readonly mask: PrivacyMask;
  /** Which hardware decodes; told when it fails. Software where there is no choice. */
  readonly decode?: DecodeChoice;
  /** See {@link Y4mReader}: `newest` for live counting, `every` for evaluation of files. */
  readonly pace: 'newest' | 'every';
  readonly monotonic: () => number;
  readonly logger: Logger;
}

/** One life of one ffmpeg process that turns a stream into frames. */
export function createFfmpegSource(options: FfmpegSourceOptions): FrameSource {
  return new FfmpegSource(options);
}

class FfmpegSource implements FrameSource {
  private readonly options: FfmpegSourceOptions;
  private readonly words: string[] = [];
  private readonly guard = new SweepGuard(CHECK_MS);
  private command: FfmpegCommand | undefined;
  private reader: Y4mReader | undefined;
  private lastFrameAt = 0;
  private deadline = FIRST_FRAME_MS;
  private watch: NodeJS.Timeout | undefined;
  private kill: NodeJS.Timeout | undefined;
  /** Why we ended it ourselves. */
  private ending: 'silent' | 'stopped' | undefined;
  private gone: Promise<void> = Promise.resolve();
  private gotFrame = false;
  private refused = 0;
  stream: StreamInfo | undefined;
  decodeErrors = 0;

  constructor(options: FfmpegSourceOptions) {
    this.options = options;
  }

  get skipped(): number {
    return this.reader?.skipped ?? 0;
  }

  start({ onFrame, onEnd }: Parameters<FrameSource['start']>[0]): void {
    if (this.reader !== undefined) return;
    const { layout, mask, pace, monotonic } = this.options;
    this.lastFrameAt = monotonic();
    this.reader = new Y4mReader({
      layout,
      mask,
      pace,
      monotonic,
      onFrame: (frame) => {
        this.lastFrameAt = frame.at;
        this.deadline = SILENCE_MS;
        this.gotFrame = true;
        if (this.ending === undefined) onFrame(frame);
        else frame.release();
      },
    });
    this.gone = this.run(this.reader).then((failure) => {
      clearInterval(this.watch);
      clearTimeout(this.kill);
      onEnd(this.end(failure));
    });
    this.watch = setInterval(() => this.checkSilence(), CHECK_MS);
  }

  excuse(): void {
    this.lastFrameAt = this.options.monotonic();
  }

  async stop(): Promise<void> {
    if (this.reader === undefined) return;
    this.terminate('stopped');
    await this.gone;
  }

  /**
   * Decode until ffmpeg is gone and everything that it sent is read; gives what went wrong. Where it was the hardware,
   * it goes on at once in another way.
   */
  private async run(reader: Y4mReader): Promise<Error | undefined> {
    try {
      for (;;) {
        const pipe = await FramePipe.open();
        const [failure] = await Promise.all([this.decode(pipe), this.readAll(pipe, reader)]);
        const otherwise = this.hardwareFailed();
        if (failure === undefined || !otherwise || this.ending !== undefined) return failure;
        this.words.length = 0;
        this.refused = 0;
        this.excuse();
      }
    } catch (error) {
      return error as Error;
    }
  }

  private readAll(pipe: FramePipe, reader: Y4mReader): Promise<void> {
    return new Promise((resolve) => {
      pipe.read(
        (chunk, done) => reader.read(chunk, done),
        (error) => {
          if (error !== undefined) this.words.push(error.message);
          // ffmpeg would wait for a reader for ever.
          if (error !== undefined) this.command?.kill('SIGKILL');
          resolve();
        },
      );
    });
  }

  private decode(pipe: FramePipe): Promise<Error | undefined> {
    const request = { ...this.options, realTime: this.options.pace === 'newest' };
    return new Promise((resolve) => {
      const gone = (failure?: Error) => {
        if (this.ending === undefined) pipe.finish();
        else pipe.destroy();
        resolve(failure);
      };
      if (this.ending !== undefined) {
        gone();
        return;
      }
      this.command = ffmpeg(addressOf(request), { logger: undefined })
        .inputOptions([...(request.decode?.options() ?? []), ...inputOptions(request)])
        .outputOptions(outputOptions(request))
        .on('stderr', (line: string) => this.note(line))
        .on('end', () => gone())
        .on('error', (error: Error) => gone(error))
        .output(pipe.path);
      this.command.run();
    });
  }

  private note(line: string): void {
    // Progress lines would push the interesting ones out of the ring.
    if (line.startsWith('frame=')) return;
    this.stream ??= streamOf(line);
    if (isDecodeError(line)) this.decodeErrors += 1;
    // The second since ffmpeg 6.1.
    if (/Error while decoding stream|Error submitting packet to decoder/.test(line)) this.noteRefused();
    this.words.push(redactUrls(line));
    if (this.words.length > RING_LINES) this.words.shift();
  }

  private checkSilence(): void {
    // A reader that waits for the consumer is not a silent camera.
    if (this.options.pace === 'every') return;
    const now = this.options.monotonic();
    // Frames that came while the event loop was stuck are still in the pipe.
    if (this.guard.late(now)) this.excuse();
    if (now - this.lastFrameAt > this.deadline) this.terminate('silent');
  }

  private terminate(reason: 'silent' | 'stopped'): void {
    if (this.ending !== undefined) return;
    this.ending = reason;
    this.command?.kill('SIGTERM');
    this.kill = setTimeout(() => this.command?.kill('SIGKILL'), TERM_GRACE_MS);
  }

  private end(failure: Error | undefined): SourceEnd {
    const cause = this.ending ?? classifyEnd([...this.words, failure?.message ?? ''], failure !== undefined);
    const detail = redactUrls(
      (this.words.length > 0 ? this.words.slice(-3).join(' | ') : failure?.message) ?? '',
    );
    this.options.logger.debug({ cause, stderr: this.words }, 'decoder ended');
    return { cause, detail: detail.slice(0, 500) };
  }

  private noteRefused(): void {
    const hardware = this.options.decode !== undefined && this.options.decode.used !== 'software';
    if (!hardware || this.gotFrame) return;
    this.refused += 1;
    if (this.refused === REFUSED_PACKETS) this.command?.kill('SIGKILL');
  }

  /** Hardware that sees the stream but gives no frame has failed. @returns true when there is another way */
  private hardwareFailed(): boolean {
    const { decode, logger } = this.options;
    if (decode === undefined || this.gotFrame || this.ending === 'stopped' || this.stream === undefined)
      return false;
    const [before, words] = [decode.used, redactUrls(this.words.slice(-3).join(' | '))];
    const otherwise = decode.failedWith(this.stream.codec);
    if (decode.used !== before)
      logger.warn({ hardware: before, words }, 'hardware cannot decode this stream; going on in software');
    return otherwise;
  }
}
