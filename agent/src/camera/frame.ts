/**
 * How a model wants its input, in pixels: the decoder stretches every frame to it inside ffmpeg's filter graph.
 * Stretching finds more than letterboxing with the default model; the figures stand in ../detector/README.md.
 */
export interface ModelInput {
  readonly width: number;
  readonly height: number;
}

/**
 * One decoded frame. Its memory belongs to a small pool: whoever holds the frame calls `release` exactly once when
 * done, and must not touch the bytes afterwards.
 */
export interface Frame {
  /** RGB24 picture for people, `width * height * 3` bytes, row by row. Boxes and lines are in its pixels. */
  readonly picture: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** The same frame as the model wants it: RGB24 rows, `stride` bytes from one row to the next. */
  readonly input: {
    readonly data: Uint8Array;
    readonly width: number;
    readonly height: number;
    readonly stride: number;
  };
  /** 1, 2, 3 … since the decoder started. */
  readonly number: number;
  /** When the last byte arrived: monotonic milliseconds (`performance.now()`), for durations. */
  readonly at: number;
  release(): void;
}

/** Why a frame source ended. */
export interface SourceEnd {
  readonly cause:
    | 'silent'
    | 'refused'
    | 'unreachable'
    | 'unauthorized'
    | 'not-found'
    | 'unsupported-stream'
    | 'stream-ended'
    | 'decoder-failed'
    | 'stopped';
  /** The decoder's last words, with credentials removed; for logs and the technician. */
  readonly detail: string;
}

/** One life of one decoder process. */
export interface FrameSource {
  /** Start decoding. `onEnd` is called exactly once, after the last `onFrame`, when the process is gone. */
  start(handlers: { onFrame: (frame: Frame) => void; onEnd: (end: SourceEnd) => void }): void;
  /** End the process: TERM, then KILL. Resolves when it is gone; safe to call twice. */
  stop(): Promise<void>;
  /** Frames that were decoded but dropped because nobody had taken the ones before. */
  readonly skipped: number;
}
