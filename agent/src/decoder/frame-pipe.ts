import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What a pipe of Linux holds by default (pipe(7)), so one read takes everything. */
const READ_BYTES = 65_536;

/** Takes bytes that came; calls `done` when the memory may be used again, with an error to end the reading. */
export type TakeBytes = (chunk: Buffer, done: (error?: Error) => void) => void;

/**
 * A named pipe into this process that is read into one buffer, over and over. A child's standard output would be read
 * into a new buffer each time: at 4 reads per frame the collection of those costs more than half a millisecond of CPU
 * per frame (docs/benchmarks.md).
 */
export class FramePipe {
  /**
   * What the writer opens: the pipe by way of this process, which nothing else names any more. When this process is
   * killed, the path is gone too; a writer would wait for a reader of a named pipe for ever (fifo(7)).
   */
  readonly path: string;
  private readonly reading: number;
  /** Without a writer of our own the reader would see an end before the real one has come. */
  private writing: number | undefined;
  private socket: Socket | undefined;

  private constructor(writing: number, reading: number) {
    this.path = `/proc/${process.pid}/fd/${writing}`;
    this.writing = writing;
    this.reading = reading;
  }

  /** @throws Error when the temporary directory cannot be written */
  static async open(): Promise<FramePipe> {
    const directory = await mkdtemp(join(tmpdir(), 'headcount-frames-'));
    try {
      const name = join(directory, 'frames');
      await promisify(execFile)('mkfifo', ['-m', '600', name]);
      const writing = openSync(name, constants.O_RDWR | constants.O_NONBLOCK);
      const reading = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
      return new FramePipe(writing, reading);
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  /** Read until every writer is gone; then, or after an error of `take`, `onEnd` is called once. */
  read(take: TakeBytes, onEnd: (error: Error | undefined) => void): void {
    let failure: Error | undefined;
    // The option is documented for this constructor, but its types for Node 20 forgot it.
    const options: SocketConstructorOpts & { onread: OnReadOpts } = {
      fd: this.reading,
      readable: true,
      writable: false,
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_BYTES),
        callback: (bytes, { buffer, byteOffset }) => {
          let [done, paused] = [false, false];
          take(Buffer.from(buffer, byteOffset, bytes), (error) => {
            done = true;
            if (error !== undefined) socket.destroy(error);
            else if (paused) socket.resume();
          });
          paused = !done;
          return done;
        },
      },
    };
    const socket = new Socket(options);
    this.socket = socket;
    socket.on('error', (error) => (failure = error));
    socket.on('close', () => {
      this.finish();
      onEnd(failure);
    });
  }

  /** The writer is gone: what it wrote is still read, then comes the end. */
  finish(): void {
    if (this.writing !== undefined) closeSync(this.writing);
    this.writing = undefined;
  }

  /** Read no more. */
  destroy(): void {
    this.socket?.destroy();
  }
}
