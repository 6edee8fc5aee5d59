/**
 * A picture in I420, as cameras send it: full-size luma and quarter-size chroma, BT.601, limited range. Planes may be
 * windows into larger memory, hence the strides (bytes from one row to the next). Width and height are even.
 */
export interface YuvImage {
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly strideY: number;
  readonly strideUv: number;
}

/** A rectangle of the picture in fractions of its width and height. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** One input of the model: a part of the picture at the model's size. */
export interface ModelView {
  readonly image: YuvImage;
  /** What the whole image shows, in pixels of the frame; reaches beyond the picture where the image is padded. */
  readonly area: Rect;
}

/**
 * One decoded frame. Its memory belongs to a small pool: whoever holds the frame calls `release` exactly once when
 * done, and must not touch the bytes afterwards.
 */
export interface Frame {
  /** Size of the plane in which boxes and lines live: square pixels, whatever the images' own shapes. */
  readonly width: number;
  readonly height: number;
  /** The whole picture for people. Where the model sees the whole picture too, it is the model's image: stretched. */
  readonly picture: YuvImage;
  /** What the model looks at: one view, or one per tile. */
  readonly views: readonly ModelView[];
  /** 1, 2, 3 … since the decoder started. */
  readonly number: number;
  /** When the last byte arrived: monotonic milliseconds (`performance.now()`), for durations. */
  readonly at: number;
  release(): void;
}

/** What a stream says of itself. */
export interface StreamInfo {
  /** As ffmpeg calls it, such as h264 or hevc. */
  readonly codec: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames per second as announced; null where the stream does not say. */
  readonly fps: number | null;
}

/** Why a frame source ended. */
export interface SourceEnd {
  readonly cause:
    | 'silent'
    | 'refused'
    | 'unreachable'
    | 'unknown-host'
    | 'unauthorized'
    | 'forbidden'
    | 'not-found'
    | 'busy'
    | 'unsupported-stream'
    | 'unsupported-codec'
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
  /** The time until now proves nothing against the stream (the machine was stuck): its deadlines begin anew. */
  excuse(): void;
  /** Frames that were decoded but dropped because nobody had taken the ones before. */
  readonly skipped: number;
  /** Errors in the video that the decoder has complained of. */
  readonly decodeErrors: number;
  /** What the stream says of itself; undefined until it has said so. */
  readonly stream: StreamInfo | undefined;
}
