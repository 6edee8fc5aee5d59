import { Writable } from 'node:stream';
import type { Frame, ModelInput } from '../camera/frame.js';

/** Buffers in turn: one being filled, one waiting, one in the detector, one shown to people. */
const POOL_SIZE = 4;
/** Longest PPM header that makes sense: "P6\n", two numbers, "255\n". */
const MAX_HEADER_BYTES = 64;

/** Settings of a reader. */
export interface PpmReaderOptions {
  readonly input: ModelInput;
  /** `newest`: a frame without a free buffer is dropped and counted. `every`: the stream waits instead. */
  readonly pace: 'newest' | 'every';
  readonly monotonic: () => number;
  readonly onFrame: (frame: Frame) => void;
}

/**
 * Cuts ffmpeg's stream of PPM images into frames. Each image is the picture with the model's input below it (see
 * ffmpeg-options.ts); PPM because it says its own size, so a camera that changes its resolution is no special case.
 * Bytes are copied once, from the pipe into a pooled buffer.
 */
export class PpmReader extends Writable {
  /** Frames dropped for want of a free buffer. */
  skipped = 0;
  private readonly options: PpmReaderOptions;
  private header: number[] = [];
  private size = { width: 0, height: 0, bytes: 0 };
  private free: Uint8Array[] = [];
  private lent = 0;
  private filling: Uint8Array | undefined;
  private filled = 0;
  private inBody = false;
  private number = 0;
  private resume: (() => void) | undefined;

  constructor(options: PpmReaderOptions) {
    super();
    this.options = options;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    try {
      this.consume(chunk, 0, done);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.resume = undefined;
    done(error);
  }

  private consume(chunk: Buffer, start: number, done: (error?: Error) => void): void {
    let offset = start;
    while (offset < chunk.length) {
      if (!this.inBody) {
        const end = this.readHeader(chunk, offset);
        if (end === undefined) break;
        offset = end;
        this.filling = this.takeBuffer();
        if (this.filling === undefined && this.options.pace === 'every') {
          const rest = offset;
          this.resume = () => {
            this.filling = this.takeBuffer();
            this.consume(chunk, rest, done);
          };
          return;
        }
      }
      offset = this.readBody(chunk, offset);
    }
    done();
  }

  /** Collect header bytes; three line feeds end it. Returns where the pixels begin, undefined while bytes are missing. */
  private readHeader(chunk: Buffer, start: number): number | undefined {
    let offset = start;
    while (offset < chunk.length) {
      this.header.push(chunk[offset++] ?? 0);
      if (this.header.length > MAX_HEADER_BYTES)
        throw new Error('ffmpeg sent something that is no PPM image');
      if (this.header.filter((byte) => byte === 0x0a).length < 3) continue;
      const match = /^P6\n(\d+) (\d+)\n255\n$/.exec(String.fromCharCode(...this.header));
      if (match === null) throw new Error('ffmpeg sent something that is no PPM image');
      this.resize(Number(match[1]), Number(match[2]));
      this.header = [];
      this.inBody = true;
      this.filled = 0;
      return offset;
    }
    return undefined;
  }

  private readBody(chunk: Buffer, offset: number): number {
    const length = Math.min(chunk.length - offset, this.size.bytes - this.filled);
    this.filling?.set(chunk.subarray(offset, offset + length), this.filled);
    this.filled += length;
    if (this.filled === this.size.bytes) this.finish();
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
    const { input } = this.options;
    const { width } = this.size;
    const height = this.size.height - input.height;
    const stride = width * 3;
    let held = true;
    return {
      picture: buffer.subarray(0, height * stride),
      width,
      height,
      input: { data: buffer.subarray(height * stride), width: input.width, height: input.height, stride },
      number: this.number,
      at: this.options.monotonic(),
      release: () => {
        if (held) this.giveBack(buffer);
        held = false;
      },
    };
  }

  private resize(width: number, height: number): void {
    if (width === this.size.width && height === this.size.height) return;
    const { input } = this.options;
    if (width < input.width || height <= input.height)
      throw new Error(`ffmpeg sent a picture of ${width}x${height}`);
    // Buffers of the old size that are still lent out are not taken back.
    this.size = { width, height, bytes: width * height * 3 };
    this.free = [];
    this.lent = 0;
  }

  private takeBuffer(): Uint8Array | undefined {
    const buffer = this.free.pop();
    if (buffer === undefined && this.lent >= POOL_SIZE) return undefined;
    this.lent += 1;
    return buffer ?? new Uint8Array(this.size.bytes);
  }

  private giveBack(buffer: Uint8Array): void {
    if (buffer.length !== this.size.bytes) return;
    this.lent -= 1;
    this.free.push(buffer);
    const { resume } = this;
    this.resume = undefined;
    resume?.();
  }
}
