import type { SourceEnd } from '../camera/frame.js';

/** What ffmpeg 4 to 7 and ffprobe say, first match wins. */
const MESSAGES: readonly (readonly [RegExp, SourceEnd['cause']])[] = [
  [/401 Unauthorized|authorization failed/i, 'unauthorized'],
  [/403 Forbidden/i, 'unauthorized'],
  [/404 Not Found|No such file or directory/i, 'not-found'],
  [/Connection refused/i, 'refused'],
  [
    /timed out|No route to host|Network is unreachable|resolve hostname|Name or service not known/i,
    'unreachable',
  ],
  [
    /matches no streams|does not contain any stream|Could not find codec|Decoder .* not found|Unknown decoder/i,
    'unsupported-stream',
  ],
];

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
