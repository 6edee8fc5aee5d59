import { describe, expect, it } from 'vitest';
import { WHOLE_PICTURE, type CameraView } from './layout.js';
import { adviceInWords, streamAdvice } from './stream-advice.js';

const codes = (width: number, height: number, fps: number | null, view: CameraView = WHOLE_PICTURE) =>
  streamAdvice({ codec: 'h264', width, height, fps }, { view, input: { width: 416 }, fps: 10 }).map(
    ({ code }) => code,
  );

describe('advice about a stream', () => {
  it('is silent about one that fits', () => {
    expect(codes(640, 360, 10)).toEqual([]);
    expect(codes(768, 576, 20)).toEqual([]);
    expect(codes(640, 360, null)).toEqual([]);
  });

  it('names large and fast ones', () => {
    expect(codes(2560, 1440, 25)).toEqual(['use-sub-stream', 'lower-rate']);
    expect(codes(320, 240, 10)).toEqual([]);
    expect(codes(300, 200, 10)).toEqual(['too-small']);
  });

  it('allows for tiles and regions, which need more pixels', () => {
    expect(codes(1280, 720, 10)).toEqual(['use-sub-stream']);
    expect(codes(1280, 720, 10, { region: undefined, tiles: '2x2' })).toEqual([]);
    expect(codes(1280, 720, 10, { region: { from: [0, 0], to: [0.5, 1] }, tiles: '1x1' })).toEqual([]);
  });

  it('tells a technician at the command line what to do and what it saves', () => {
    const [advice] = streamAdvice(
      { codec: 'h264', width: 2560, height: 1440, fps: 10 },
      { view: WHOLE_PICTURE, input: { width: 416 }, fps: 10 },
    );
    const words = advice === undefined ? '' : adviceInWords(advice);
    expect(words).toContain('2560 x 1440 at 10 frames per second; decoding it costs 16 times as much');
    expect(words).toContain('Channels/102');
  });
});
