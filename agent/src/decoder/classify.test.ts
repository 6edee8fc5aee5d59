import { describe, expect, it } from 'vitest';
import { classifyEnd, isDecodeError, streamOf } from './classify.js';
import { addressOf, inputOptions, outputOptions, type StreamRequest } from './ffmpeg-options.js';
import { layoutOf, WHOLE_PICTURE } from './layout.js';

describe('why ffmpeg ended', () => {
  it.each([
    ['[rtsp @ 0x55] method DESCRIBE failed: 401 Unauthorized', 'unauthorized'],
    ['[rtsp @ 0x55] method DESCRIBE failed: 404 Not Found', 'not-found'],
    ['/nowhere.avi: No such file or directory', 'not-found'],
    ['[tcp @ 0x55] Connection to tcp://127.0.0.1:9?timeout=8000000 failed: Connection refused', 'refused'],
    ['rtsp://192.0.2.1/x: Connection timed out', 'unreachable'],
    ['rtsp://192.0.2.1/x: No route to host', 'unreachable'],
    ['[tcp @ 0x55] Failed to resolve hostname camera.invalid: Name or service not known', 'unknown-host'],
    ['[rtsp @ 0x55] method SETUP failed: 453 Not Enough Bandwidth', 'busy'],
    ['[rtsp @ 0x55] method DESCRIBE failed: 403 Forbidden', 'forbidden'],
    ['Decoder (codec none) not found for input stream #0:0', 'unsupported-codec'],
    ["Stream specifier ':v:0' in filtergraph description … matches no streams.", 'unsupported-stream'],
    ['[h264 @ 0x55] something nobody has seen before', 'decoder-failed'],
  ])('%s', (line, cause) => {
    expect(classifyEnd(['Input #0, rtsp', line], true)).toBe(cause);
  });

  it('is the end of the stream when ffmpeg ended without an error', () => {
    expect(classifyEnd(['frame=10'], false)).toBe('stream-ended');
    expect(classifyEnd(['rtsp://x: End of file'], true)).toBe('stream-ended');
  });
});

describe('what ffmpeg says beside frames', () => {
  it.each([
    ['[h264 @ 0x55c1] error while decoding MB 15 0', true],
    ['[h264 @ 0x55c1] concealing 1728 DC, 1728 AC, 1728 MV errors in P frame', true],
    ['[hevc @ 0x55c1] Could not find ref with POC 5: corrupt picture', true],
    ['[h264 @ 0x55c1] Increasing reorder buffer to 1', false],
    ['[rtsp @ 0x55c1] corrupt input packet', false],
    ['rtsp://192.0.2.1/door: corrupt decoded frame in stream 0', false],
  ])('%s: error in the video %s', (line, error) => {
    expect(isDecodeError(line)).toBe(error);
  });

  it('tells size, rate and codec of the stream', () => {
    expect(
      streamOf(
        '  Stream #0:0: Video: h264 (Constrained Baseline), yuv420p(tv, smpte170m, progressive), 768x576 [SAR 1:1 DAR 4:3], 10 fps, 13.92 tbr, 90k tbn',
      ),
    ).toEqual({ codec: 'h264', width: 768, height: 576, fps: 10 });
    expect(streamOf('  Stream #0:1[0x1]: Video: hevc (Main), yuvj420p(pc), 2560x1440, 12.5 fps')).toEqual({
      codec: 'hevc',
      width: 2560,
      height: 1440,
      fps: 12.5,
    });
    expect(streamOf('  Stream #0:0: Video: h264, yuv420p, 640x360, 90k tbr, 90k tbn')?.fps).toBeNull();
  });

  it.each([
    '  Stream #0:0: Audio: pcm_s16be, 44100 Hz, mono',
    '  Stream #0:0: Video: none, none, 10 tbr, 90k tbn',
    '  Stream #0:0: Video: wrapped_avframe, yuv420p(tv), 416x416, 10 fps',
    'frame=  10 fps=5.0 q=-0.0 size=  100kB',
  ])('tells nothing in %j', (line) => {
    expect(streamOf(line)).toBeUndefined();
  });
});

describe('the arguments of ffmpeg', () => {
  const request: StreamRequest = {
    url: 'rtsp://camera/stream',
    credentials: { user: 'me', password: 'p@ss/word' },
    layout: layoutOf(WHOLE_PICTURE, { width: 416, height: 416, fit: 'stretch' }),
    fps: 10,
    realTime: false,
    ffmpegMajor: 5,
  };

  it('carry the password encoded in the address', () => {
    expect(addressOf(request)).toBe('rtsp://me:p%40ss%2Fword@camera/stream');
    expect(addressOf({ ...request, credentials: undefined })).toBe('rtsp://camera/stream');
  });

  it('ask for TCP with a time-out under the name that this ffmpeg knows', () => {
    expect(inputOptions(request).join(' ')).toContain('-rtsp_transport tcp -timeout 8000000');
    expect(inputOptions({ ...request, ffmpegMajor: 4 }).join(' ')).toContain('-stimeout 8000000');
    expect(inputOptions({ ...request, url: '/clip.avi' })).not.toContain('-rtsp_transport');
  });

  it('limit the rate without repeating frames and scale once where the model sees the whole picture', () => {
    const options = outputOptions(request).join(' ');
    expect(options).toContain('gte(t-prev_selected_t,0.09)');
    expect(options).toContain('scale=416:416');
    expect(options).not.toContain('vstack');
    expect(options).toContain('-fps_mode passthrough');
    const tiled = { ...request, layout: layoutOf({ region: undefined, tiles: '2x2' }, request.layout.input) };
    expect(outputOptions(tiled).join(' ')).toContain('[input3]vstack=inputs=5[out]');
    expect(outputOptions({ ...request, fps: undefined }).join(' ')).not.toContain('select');
    expect(outputOptions({ ...request, ffmpegMajor: 4 }).join(' ')).toContain('-vsync passthrough');
  });
});
