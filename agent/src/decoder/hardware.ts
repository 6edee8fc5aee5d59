import type { DecodePreset } from '../config/camera-config.js';

/** A way to decode that exists. */
export type Decoding = Exclude<DecodePreset, 'auto'>;

/** The device file of each kind of hardware; the order is that in which `auto` looks. */
const DEVICES: readonly (readonly [Exclude<Decoding, 'software'>, string])[] = [
  ['rkmpp', '/dev/mpp_service'],
  ['cuda', '/dev/nvidia0'],
  ['vaapi', '/dev/dri/renderD128'],
  ['v4l2m2m', '/dev/video10'],
];
/** Codecs for which ffmpeg has decoders per hardware, by their names in ffmpeg. */
const WRAPPED_CODECS = ['h264', 'hevc'];

/**
 * Options before the input. Without an output format ffmpeg copies every decoded picture back into memory, where the
 * filters need it (ffmpeg(1), -hwaccel).
 * @param codec the stream's codec where it is known; those kinds that need a decoder's name take H.264 otherwise
 */
export function decodeOptions(decoding: Decoding, codec: string | undefined): string[] {
  const name = codec !== undefined && WRAPPED_CODECS.includes(codec) ? codec : 'h264';
  switch (decoding) {
    case 'software':
      return [];
    case 'vaapi':
      return ['-hwaccel', 'vaapi', '-hwaccel_device', '/dev/dri/renderD128'];
    case 'cuda':
      return ['-hwaccel', 'cuda'];
    case 'qsv':
      return ['-c:v', `${name}_qsv`];
    case 'v4l2m2m':
      return ['-c:v', `${name}_v4l2m2m`];
    case 'rkmpp':
      return ['-c:v', `${name}_rkmpp`];
  }
}

/** Settings of a choice. */
export interface DecodeChoiceOptions {
  readonly preset: DecodePreset;
  /** Whether a device file exists. */
  readonly exists: (path: string) => boolean;
}

/**
 * How one camera's video is decoded: as configured, or in software after the hardware failed before its first frame.
 * The hardware is tried again after the next start of the agent.
 */
export class DecodeChoice {
  readonly wanted: DecodePreset;
  private decoding: Decoding;
  /** Learned from the stream. */
  private codec: string | undefined;
  /** The codec with which the current attempt was started. */
  private tried: string | undefined;
  /** True when the hardware was tried and failed. */
  fellBack = false;

  constructor({ preset, exists }: DecodeChoiceOptions) {
    this.wanted = preset;
    this.decoding =
      preset === 'auto' ? (DEVICES.find(([, device]) => exists(device))?.[0] ?? 'software') : preset;
  }

  get used(): Decoding {
    return this.decoding;
  }

  /** Options before the input for the next attempt. */
  options(): string[] {
    this.tried = this.codec;
    return decodeOptions(this.decoding, this.codec);
  }

  /**
   * An attempt ended before its first frame although the stream was there.
   * @param codec what the stream says it is
   * @returns true when the next attempt decodes in another way because of it
   */
  failedWith(codec: string): boolean {
    if (this.decoding === 'software') return false;
    const wrongName = codec !== (this.tried ?? 'h264') && WRAPPED_CODECS.includes(codec);
    this.codec = codec;
    if (!wrongName) {
      this.decoding = 'software';
      this.fellBack = true;
    }
    return true;
  }
}
