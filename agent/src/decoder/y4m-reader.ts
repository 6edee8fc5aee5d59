import type { Frame } from '../camera/frame.js';
import { cutFrame, type StreamShape } from './cut-frame.js';
import type { Layout } from './layout.js';
import { blacken, blackRuns, type BlackRun, type PrivacyMask } from './privacy-mask.js';

/** Buffers in turn: one being filled, one waiting, one in the detector, one shown to people. */
const POOL_SIZE = 4;
/** Longest header line that makes sense. */
const MAX_HEADER_BYTES = 256;
const LINE_FEED = 0x0a;

/** Settings of a reader. */
export interface Y4mReaderOptions {
  readonly layout: Layout;
  readonly mask: PrivacyMask;
  /** `newest`: a frame without a free buffer is dropped and counted. `every`: the stream waits instead. */
  readonly pace: 'newest' | 'every';
  readonly monotonic: () => number;
  readonly onFrame: (frame: Frame) => void;
}

/**
 * Cuts ffmpeg's YUV4MPEG2 stream (mjpegtools, yuv4mpeg(5)) into frames: a header line with the size and the sample
 * aspect ratio, then per frame a line "FRAME" and the I420 planes. Bytes are copied once, from the pipe into a pooled
 * buffer; private parts are blackened before anybody gets the frame.
 */
export class Y4mReader {
  /** Frames dropped for want of a free buffer. */
  skipped = 0;
  private readonly options: Y4mReaderOptions;
  private line: number[] = [];
  private shape: StreamShape | undefined;
  /** What is private, found with the first frame: every frame of a stream is cut alike. */
  private runs: readonly BlackRun[] | undefined;
  private bytes = 0;
  private free: Uint8Array[] = [];
  private lent = 0;
  private filling: Uint8Array | undefined;
  private filled = 0;
  private inBody = false;
  private number = 0;
  private resume: (() => void) | undefined;

  constructor(options: Y4mReaderOptions) {
    this.options = options;
  }

  /** Take the next bytes of the stream; `done` is called when they are used up, with an error if it is no such stream. */
  read(chunk: Buffer, done: (error?: Error) => void): void {
    this.guarded(chunk, 0, done);
  }

  private guarded(chunk: Buffer, start: number, done: (error?: Error) => void): void {
    try {
      this.consume(chunk, start, done);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private consume(chunk: Buffer, start: number, done: (error?: Error) => void): void {
    let offset = start;
    while (offset < chunk.length) {
      if (this.inBody) {
        offset = this.readBody(chunk, offset);
        continue;
      }
      const end = this.readLine(chunk, offset);
      if (end === undefined) break;
      offset = end;
      if (this.mustWait()) {
        const rest = offset;
        this.resume = () => {
          this.filling = this.takeBuffer();
          this.guarded(chunk, rest, done);
        };
        return;
      }
    }
    done();
  }

  /** A frame begins, no buffer is free, and none may be dropped. */
  private mustWait(): boolean {
    return this.inBody && this.filling === undefined && this.options.pace === 'every';
  }

  /** Collect a header line. Returns what comes after it, undefined while bytes are missing. */
  private readLine(chunk: Buffer, start: number): number | undefined {
    let offset = start;
    while (offset < chunk.length) {
      const byte = chunk[offset++] ?? 0;
      if (byte === LINE_FEED) {
        this.endLine(String.fromCharCode(...this.line));
        this.line = [];
        return offset;
      }
      this.line.push(byte);
      if (this.line.length > MAX_HEADER_BYTES) throw notY4m();
    }
    return undefined;
  }

  private endLine(line: string): void {
    if (this.shape === undefined) {
      this.shape = readShape(line);
      this.bytes = (this.shape.width * this.shape.height * 3) / 2;
    } else if (line.startsWith('FRAME')) {
      this.inBody = true;
      this.filled = 0;
      this.filling = this.takeBuffer();
    } else throw notY4m();
  }

  private readBody(chunk: Buffer, offset: number): number {
    const length = Math.min(chunk.length - offset, this.bytes - this.filled);
    this.filling?.set(chunk.subarray(offset, offset + length), this.filled);
    this.filled += length;
    if (this.filled === this.bytes) this.finish();
    return offset + length;
  }

  private finish(): void {
    const buffer = this.filling;
    this.inBody = false;
    this.filling = undefined;
    this.number += 1;
    if (buffer === undefined) {
      this.skipped += 1;
      return;
    }
    this.options.onFrame(this.frame(buffer));
  }

  private frame(buffer: Uint8Array): Frame {
    const { layout, mask, monotonic } = this.options;
    if (this.shape === undefined) throw notY4m();
    const images = cutFrame(buffer, this.shape, layout);
    this.runs ??= blackRuns(mask, images, buffer);
    blacken(buffer, this.runs);
    let held = true;
    return {
      ...images,
      number: this.number,
      at: monotonic(),
      release: () => {
        if (held) this.giveBack(buffer);
        held = false;
      },
    };
  }

  private takeBuffer(): Uint8Array | undefined {
    const buffer = this.free.pop();
    if (buffer === undefined && this.lent >= POOL_SIZE) return undefined;
    this.lent += 1;
    return buffer ?? new Uint8Array(this.bytes);
  }

  private giveBack(buffer: Uint8Array): void {
    this.lent -= 1;
    this.free.push(buffer);
    const { resume } = this;
    this.resume = undefined;
    resume?.();
  }
}

function readShape(line: string): StreamShape {
  const [magic, ...fields] = line.split(' ');
  const field = (letter: string) => fields.find((text) => text.startsWith(letter))?.slice(1) ?? '';
  const width = Number(field('W'));
  const height = Number(field('H'));
  const [across = 0, down = 0] = field('A').split(':').map(Number);
  const fits = width > 0 && height > 0 && width % 2 === 0 && height % 2 === 0;
  if (magic !== 'YUV4MPEG2' || !fits || !field('C').startsWith('420')) throw notY4m();
  return { width, height, sampleAspect: across > 0 && down > 0 ? across / down : 1 };
}

function notY4m(): Error {
  return new Error('ffmpeg sent something that is no YUV4MPEG2 stream of 4:2:0 frames');
}
