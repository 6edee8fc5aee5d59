import type { ModelInput } from '../camera/frame.js';

/** Where frames come from and how they are wanted. */
export interface StreamRequest {
  /** rtsp://, rtsps:// or the path of a video file; without credentials. */
  readonly url: string;
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
  readonly input: ModelInput;
  /** Most frames per second; undefined for every frame. */
  readonly fps: number | undefined;
  /** Play a file at its own speed instead of as fast as possible. */
  readonly realTime: boolean;
  readonly ffmpegMajor: number;
}

/** Width of the picture for people, in pixels; the model's input must not be wider. */
export const PICTURE_WIDTH = 576;
/** How long ffmpeg may wait for the camera's network answer, in microseconds. */
const NETWORK_TIMEOUT_US = 8_000_000;

/** The address with its credentials: for ffmpeg's argument list only, never for a log. */
export function addressOf({ url, credentials }: Pick<StreamRequest, 'url' | 'credentials'>): string {
  if (credentials === undefined) return url;
  const login = `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}`;
  return url.replace('://', `://${login}@`);
}

/** True for a camera, false for a file. */
export function isRtsp(url: string): boolean {
  return /^rtsps?:\/\//.test(url);
}

/** Options that stand before the input. */
export function inputOptions(request: StreamRequest): string[] {
  const common = ['-nostdin', '-hide_banner', '-threads', '1'];
  if (!isRtsp(request.url)) return request.realTime ? [...common, '-re'] : common;
  // TCP, because lost UDP packets become grey smears that a detector takes for people or not.
  // The option's name changed with ffmpeg 5; before, "-timeout" meant "listen".
  const timeout = request.ffmpegMajor >= 5 ? '-timeout' : '-stimeout';
  return [
    ...common,
    ...['-rtsp_transport', 'tcp'],
    ...[timeout, String(NETWORK_TIMEOUT_US)],
    ...['-fflags', 'nobuffer', '-flags', 'low_delay'],
    ...['-probesize', '500000', '-analyzeduration', '1000000'],
  ];
}

/** Options that stand before the output. */
export function outputOptions(request: StreamRequest): string[] {
  const passthrough = request.ffmpegMajor >= 5 ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough'];
  return [
    ...['-filter_complex', filterGraph(request), '-map', '[out]'],
    ...passthrough,
    ...['-an', '-sn', '-dn'],
    ...['-c:v', 'ppm', '-f', 'image2pipe'],
  ];
}

/**
 * One decode, one graph: limit the rate, make the picture for people and the model's input, and stack the two into
 * one image, so that both are the same instant and one pipe carries them.
 * The rate is limited with `select`, not `fps`: `fps` repeats frames when a live stream stutters, and a repeated frame
 * costs an inference and tells the tracker that everybody stopped.
 */
function filterGraph({ fps, input }: StreamRequest): string {
  // 0.9: a 10 fps camera whose frames come 95 ms apart now and then must not lose every second one.
  const limit =
    fps === undefined ? '' : `select='isnan(t)+isnan(prev_selected_t)+gte(t-prev_selected_t,${0.9 / fps})',`;
  return [
    `[0:v:0]${limit}split[a][b]`,
    `[a]scale=${PICTURE_WIDTH}:-2,format=rgb24[picture]`,
    `[b]scale=${input.width}:${input.height}:flags=bicubic,format=rgb24,pad=${PICTURE_WIDTH}:${input.height}[input]`,
    '[picture][input]vstack[out]',
  ].join(';');
}
