import type { SourceEnd, StreamInfo } from '../camera/frame.js';

/** What ffmpeg 4 to 7 and ffprobe say, first match wins. */
const MESSAGES: readonly (readonly [RegExp, SourceEnd['cause']])[] = [
  [/401 Unauthorized|authorization failed/i, 'unauthorized'],
  [/403 Forbidden/i, 'forbidden'],
  [/404 Not Found|No such file or directory/i, 'not-found'],
  [/Connection refused/i, 'refused'],
  [/resolve hostname|Name or service not known/i, 'unknown-host'],
  [/timed out|No route to host|Network is unreachable/i, 'unreachable'],
  [/453 Not Enough Bandwidth|503 Service Unavailable/i, 'busy'],
  [/Could not find codec|Decoder .* not found|Unknown decoder/i, 'unsupported-codec'],
  [/matches no streams|does not contain any stream/i, 'unsupported-stream'],
];

/** What decoders of ffmpeg 4 to 7 say about damaged video; one line is one error. */
const DECODE_ERROR =
  /error while decoding|Invalid data found|corrupt|concealing|non-existing PPS|no frame!|Invalid NAL|left block unavailable|negative number of zero coeffs|bitstream|out of range intra|cbp too large|mb_type .* too large|decode_slice_header error|sps_id .* out of range|PPS id out of range|SPS id out of range|missing picture/i;

/** True for a line of a decoder ("[h264 @ 0x55] …") about damaged video. */
export function isDecodeError(line: string): boolean {
  return /^\[(h26\d|hevc|mpeg\w*|mjpeg|vp\d|av1)[ @]/.test(line) && DECODE_ERROR.test(line);
}

/**
 * What ffmpeg says of the first video stream: "Stream #0:0: Video: h264 (High), yuv420p, 2560x1440 [SAR 1:1 …], 25 fps".
 * Undefined for any other line.
 */
export function streamOf(line: string): StreamInfo | undefined {
  const [, codec, width, height] =
    /^\s*Stream #0:\d+.*?: Video: (\w+).*?, (\d{2,5})x(\d{2,5})/.exec(line) ?? [];
  if (codec === undefined || codec === 'none' || codec === 'wrapped_avframe') return undefined;
  const fps = /, ([\d.]+) fps/.exec(line)?.[1];
  return { codec, width: Number(width), height: Number(height), fps: fps === undefined ? null : Number(fps) };
}

/**
 * Why ffmpeg ended, from its last words.
 * @param failed true when ffmpeg ended with an error; a clean end is the end of the stream
 */
export function classifyEnd(words: readonly string[], failed: boolean): SourceEnd['cause'] {
  const text = words.join('\n');
  const known = MESSAGES.find(([pattern]) => pattern.test(text));
  if (known !== undefined && failed) return known[1];
  return failed && !/End of file/i.test(text) ? 'decoder-failed' : 'stream-ended';
}
