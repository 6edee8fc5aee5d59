import { describe, expect, it } from 'vitest';
import { parseRtspAnswer, rtspRequest, videoEncodings } from './rtsp-message.js';

const SDP = [
  'v=0',
  'm=audio 0 RTP/AVP 97',
  'a=rtpmap:97 mpeg4-generic/16000',
  'm=video 0 RTP/AVP 96 26',
  'a=rtpmap:96 h265/90000',
  'a=fmtp:96 profile-id=1',
].join('\r\n');

describe('an answer over RTSP', () => {
  it('is read once its headers and its body have come', () => {
    const answer = `RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: ${SDP.length}\r\n\r\n${SDP}`;
    for (let length = 0; length < answer.length; length += 7)
      expect(parseRtspAnswer(answer.slice(0, length))).toBeUndefined();
    expect(parseRtspAnswer(answer)).toEqual({ status: 200, reason: 'OK', body: SDP });
    expect(parseRtspAnswer('RTSP/1.0 404 Not Found\r\n\r\n')).toMatchObject({
      status: 404,
      reason: 'Not Found',
    });
  });

  it.each(['HTTP/1.1 400 Bad Request\r\n\r\n', 'SSH-2.0-x\r\n', 'RTSP/2.0 hello\r\n\r\n'])(
    'is not %j',
    (text) => {
      expect(parseRtspAnswer(text)).toBe('foreign');
    },
  );

  it('is not believed for ever', () => {
    expect(parseRtspAnswer(`RTSP/1.0 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`)).toBe('foreign');
  });

  it('names the encodings of its video, numbered ones too', () => {
    expect(videoEncodings(SDP)).toEqual(['JPEG', 'H265']);
    expect(videoEncodings('m=audio 0 RTP/AVP 0\na=rtpmap:0 PCMU/8000')).toEqual([]);
  });
});

it('a request carries its number and asks for a description', () => {
  expect(rtspRequest('DESCRIBE', 'rtsp://192.0.2.1/x', 2)).toMatch(
    /^DESCRIBE rtsp:\/\/192.0.2.1\/x RTSP\/1.0\r\nCSeq: 2\r\n.*Accept: application\/sdp\r\n\r\n$/s,
  );
});
