/** What should be set differently at a camera, or `fine`. */
export type StreamAdvice = 'fine' | 'codec-heavy' | 'codec-unknown' | 'too-large' | 'too-small' | 'too-slow';

/** More pixels cost decoding and win nothing: the model looks at about 416 pixels of each tile. */
const MOST_PIXELS = 1920 * 1080;
/** Fewer rows leave too few pixels per person. */
const LEAST_HEIGHT = 288;
/** People cross a line within a second: fewer frames lose some (lines say what they need exactly). */
const LEAST_FPS = 5;

/** Judge a stream from what it announces. */
export function adviceFor(stream: {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number | null;
}): StreamAdvice[] {
  const { codec, width, height, fps } = stream;
  const advice: StreamAdvice[] = [];
  if (/^(hevc|h265)$/i.test(codec)) advice.push('codec-heavy');
  else if (!/^(h264|mjpeg|mpeg4)$/i.test(codec)) advice.push('codec-unknown');
  if (width * height > MOST_PIXELS) advice.push('too-large');
  if (height < LEAST_HEIGHT) advice.push('too-small');
  if (fps !== null && fps < LEAST_FPS) advice.push('too-slow');
  return advice.length === 0 ? ['fine'] : advice;
}
