import { stackWidth, type Layout, type ModelInput } from './layout.js';

/** Where frames come from and how they are wanted. */
export interface StreamRequest {
  /** rtsp://, rtsps:// or the path of a video file; without credentials. */
  readonly url: string;
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
  readonly layout: Layout;
  /** Most frames per second; undefined for every frame. */
  readonly fps: number | undefined;
  /** Play a file at its own speed instead of as fast as possible. */
  readonly realTime: boolean;
  readonly ffmpegMajor: number;
}

/** Grey 114, with which YOLO models are trained to see padding. */
const PADDING = 'color=0x727272';
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
export function inputOptions(request: Pick<StreamRequest, 'url' | 'realTime' | 'ffmpegMajor'>): string[] {
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
    // Scaling is too little work to be worth waking a second thread for.
    ...['-filter_complex_threads', '1', '-filter_complex', filterGraph(request), '-map', '[out]'],
    ...passthrough,
    ...['-an', '-sn', '-dn'],
    // Without flushing, the end of a frame waits in ffmpeg's buffer until the next one comes.
    ...['-c:v', 'wrapped_avframe', '-f', 'yuv4mpegpipe', '-flush_packets', '1'],
  ];
}

/**
 * One decode, one graph. The rate is limited with `select`, not `fps`: `fps` repeats frames when a live stream
 * stutters, and a repeated frame costs an inference and tells the tracker that everybody stopped. Frames stay in I420:
 * the conversion to RGB costs more than the scaling, and the motion gate drops most frames of a quiet scene unconverted.
 */
function filterGraph({ fps, layout }: StreamRequest): string {
  // 0.9: a 10 fps camera whose frames come 95 ms apart now and then must not lose every second one.
  const limit =
    fps === undefined ? '' : `select='isnan(t)+isnan(prev_selected_t)+gte(t-prev_selected_t,${0.9 / fps})',`;
  const { input, tiles, stacked } = layout;
  // The sample aspect ratio goes on in the Y4M header, which then tells the picture's true shape; "sar" is 1 if unknown.
  if (!stacked) return `[0:v:0]${limit}setsar=sar:max=10000,${scaleTo(input)}[out]`;
  const width = stackWidth(layout);
  const labels = tiles.map((_, index) => `[tile${index}]`).join('');
  return [
    `[0:v:0]${limit}split=${tiles.length + 1}[whole]${labels}`,
    `[whole]scale=${width}:trunc(${width}/dar/2)*2:out_range=tv,setsar=1,format=yuv420p[picture]`,
    ...tiles.map(
      ({ x, y, w, h }, index) =>
        `[tile${index}]crop=iw*${w}:ih*${h}:iw*${x}:ih*${y},${scaleTo(input)},setsar=1,` +
        `pad=${width}:${input.height}:0:0:${PADDING}[input${index}]`,
    ),
    `[picture]${tiles.map((_, index) => `[input${index}]`).join('')}vstack=inputs=${tiles.length + 1}[out]`,
  ].join(';');
}

function scaleTo({ width, height, fit }: ModelInput): string {
  const shape = fit === 'stretch' ? '' : ':force_original_aspect_ratio=decrease:force_divisible_by=2';
  return `scale=${width}:${height}${shape}:flags=bilinear:out_range=tv,format=yuv420p`;
}
