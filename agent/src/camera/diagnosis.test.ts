import { describe, expect, it } from 'vitest';
import { failureCause, looksWell, type FailureEvidence, type Knock } from './diagnosis.js';

const WELL: Knock = { tcp: 'open', rtsp: 'answered', status: 200, video: ['H264'], detail: '' };
const EVIDENCE: FailureEvidence = {
  decoder: 'decoder-failed',
  knock: WELL,
  hasCredentials: true,
  frames: 0,
  everStreamed: false,
  decodeErrors: 0,
  clockStepped: false,
};

describe('the cause of a stream that is away', () => {
  const cases: readonly [string, Partial<FailureEvidence>, string][] = [
    ['the port is closed', { knock: { ...WELL, tcp: 'refused' }, decoder: 'stream-ended' }, 'refused'],
    [
      'nobody is at the address',
      { knock: { ...WELL, tcp: 'unreachable' }, decoder: 'silent' },
      'unreachable',
    ],
    ['nobody knows the name', { knock: { ...WELL, tcp: 'unknown-host' } }, 'unknown-host'],
    ['something else answers', { knock: { ...WELL, rtsp: 'foreign' } }, 'no-rtsp'],
    ['an open port is silent', { knock: { ...WELL, rtsp: 'none' } }, 'no-rtsp'],
    ['a camera that worked hangs', { knock: { ...WELL, rtsp: 'none' }, everStreamed: true }, 'silent'],
    ['no login is set', { knock: { ...WELL, status: 401 }, hasCredentials: false }, 'unauthorized'],
    ['the login is wrong', { knock: { ...WELL, status: 401 }, decoder: 'unauthorized' }, 'unauthorized'],
    ['a login is set and the stream ends', { knock: { ...WELL, status: 401 }, decoder: 'silent' }, 'silent'],
    ['the user may not look', { knock: { ...WELL, status: 403 } }, 'forbidden'],
    ['the path is wrong', { knock: { ...WELL, status: 404 } }, 'not-found'],
    ['all streams are taken', { knock: { ...WELL, status: 453 } }, 'busy'],
    ['the encoding is foreign', { knock: { ...WELL, video: ['JPEG2000'] } }, 'unsupported-codec'],
    ['there is only sound', { knock: { ...WELL, video: [] } }, 'unsupported-stream'],
    ['the encoding was decoded before', { knock: { ...WELL, video: ['AV1'] }, frames: 9 }, 'decoder-failed'],
    ['the video was damaged', { decodeErrors: 10 }, 'decode-errors'],
    ['the clock stepped', { decoder: 'silent', clockStepped: true }, 'clock-step'],
    [
      'the clock stepped, but the port is closed',
      { clockStepped: true, knock: { ...WELL, tcp: 'refused' } },
      'refused',
    ],
    ['nothing more is known', { decoder: 'stream-ended', knock: undefined }, 'stream-ended'],
    ['the decoder was refused and the camera is back', { decoder: 'refused' }, 'refused'],
    ['we stopped it', { decoder: 'stopped', knock: { ...WELL, tcp: 'refused' } }, 'stopped'],
  ];
  it.each(cases)('when %s', (_, change, cause) => {
    expect(failureCause({ ...EVIDENCE, ...change })).toBe(cause);
  });
});

describe('a camera', () => {
  it.each([
    [WELL, true],
    [{ ...WELL, status: 401, video: null }, true],
    [{ ...WELL, status: 404, video: null }, false],
    [{ ...WELL, status: null, video: null }, false],
    [{ ...WELL, video: ['JPEG2000'] }, false],
    [{ ...WELL, video: ['JPEG2000', 'H265'] }, true],
  ])('%j looks well: %s', (knock, well) => {
    expect(looksWell(knock)).toBe(well);
  });
});
