import { describe, expect, it } from 'vitest';
import { DecodeChoice, decodeOptions } from './hardware.js';

const none = () => false;
const all = () => true;

describe('the options of hardware decoders', () => {
  it.each([
    ['software', ''],
    ['vaapi', '-hwaccel vaapi -hwaccel_device /dev/dri/renderD128'],
    ['cuda', '-hwaccel cuda'],
    ['qsv', '-c:v hevc_qsv'],
    ['v4l2m2m', '-c:v hevc_v4l2m2m'],
    ['rkmpp', '-c:v hevc_rkmpp'],
  ] as const)('%s', (decoding, options) => {
    expect(decodeOptions(decoding, 'hevc').join(' ')).toBe(options);
  });

  it('take H.264 where the codec is not known or has no decoder', () => {
    expect(decodeOptions('qsv', undefined)).toEqual(['-c:v', 'h264_qsv']);
    expect(decodeOptions('qsv', 'mjpeg')).toEqual(['-c:v', 'h264_qsv']);
  });
});

describe('the choice of a decoder', () => {
  it('takes the first device that is there, or none', () => {
    expect(new DecodeChoice({ preset: 'auto', exists: none }).used).toBe('software');
    expect(new DecodeChoice({ preset: 'auto', exists: all }).used).toBe('rkmpp');
    const gpu = (path: string) => path === '/dev/dri/renderD128';
    expect(new DecodeChoice({ preset: 'auto', exists: gpu }).used).toBe('vaapi');
  });

  it('falls back to software once, for good', () => {
    const choice = new DecodeChoice({ preset: 'vaapi', exists: none });
    expect(choice.options()).toContain('vaapi');
    expect(choice.failedWith('h264')).toBe(true);
    expect({ used: choice.used, fellBack: choice.fellBack, options: choice.options() }).toEqual({
      used: 'software',
      fellBack: true,
      options: [],
    });
    expect(choice.failedWith('h264')).toBe(false);
  });

  it('first tries the decoder of the codec that the stream turned out to have', () => {
    const choice = new DecodeChoice({ preset: 'qsv', exists: none });
    expect(choice.options()).toEqual(['-c:v', 'h264_qsv']);
    expect([choice.failedWith('hevc'), choice.used]).toEqual([true, 'qsv']);
    expect(choice.options()).toEqual(['-c:v', 'hevc_qsv']);
    expect([choice.failedWith('hevc'), choice.used]).toEqual([true, 'software']);
  });
});
