import type { CameraCause } from '@headcount/shared';
import type { SourceEnd } from './frame.js';

/** What a knock at a camera's RTSP port found. */
export interface Knock {
  readonly tcp: 'open' | 'refused' | 'unreachable' | 'unknown-host';
  /** What came back on OPTIONS: RTSP, something else, or nothing in time. */
  readonly rtsp: 'answered' | 'foreign' | 'none';
  /** Status of the answer to DESCRIBE; null without one. */
  readonly status: number | null;
  /** Names of the video encodings on offer, in capitals (RFC 8866 rtpmap); null when the camera did not tell. */
  readonly video: readonly string[] | null;
  /** The same in words; no credentials. */
  readonly detail: string;
}

/** Everything that is known about a camera whose stream failed or stays away. */
export interface FailureEvidence {
  /** What the decoder's last words say. */
  readonly decoder: SourceEnd['cause'];
  readonly knock: Knock | undefined;
  readonly hasCredentials: boolean;
  /** Frames of the life that just ended. */
  readonly frames: number;
  /** True when this camera has sent pictures since the agent started. */
  readonly everStreamed: boolean;
  /** Errors in the video of the life that just ended. */
  readonly decodeErrors: number;
  /** True when the wall clock stepped during the last seconds. */
  readonly clockStepped: boolean;
}

/** Why a camera's stream is away. */
export type FailureCause =
  SourceEnd['cause'] | Extract<CameraCause, 'no-rtsp' | 'decode-errors' | 'clock-step'>;

/** A life with so many errors ended because of them. */
const FATAL_DECODE_ERRORS = 10;
/** Encodings that ffmpeg 4 to 7 take out of RTP (libavformat/rtpdec.c) and decode. */
const DECODABLE =
  /^(H26[1345]|H263-\d+|HEVC|JPEG|MP4V-ES|MPV|VP[89]|THEORA|RAW|VC2|DV|QUICKTIME|X-QT|X-SVQ|X-SV3V-ES)$/;
const STATUS_CAUSES: Readonly<Record<number, FailureCause>> = {
  403: 'forbidden',
  404: 'not-found',
  // RFC 2326: 453 Not Enough Bandwidth; cameras say one of the two when all their streams are taken.
  453: 'busy',
  503: 'busy',
};

/** One code for all that is known: network before protocol, protocol before content, facts before guesses. */
export function failureCause(evidence: FailureEvidence): FailureCause {
  const { decoder, knock } = evidence;
  if (decoder === 'stopped') return decoder;
  const found = knock === undefined ? undefined : knockCause(knock, evidence);
  if (found !== undefined) return found;
  if (decoder !== 'silent' && decoder !== 'stream-ended' && decoder !== 'decoder-failed') return decoder;
  if (evidence.clockStepped) return 'clock-step';
  return evidence.decodeErrors >= FATAL_DECODE_ERRORS ? 'decode-errors' : decoder;
}

/** What a knock alone proves; undefined where the camera looks well. */
function knockCause(knock: Knock, evidence: FailureEvidence): FailureCause | undefined {
  if (knock.tcp !== 'open') return knock.tcp;
  if (knock.rtsp === 'foreign') return 'no-rtsp';
  // A camera that has worked and now keeps silent hangs; a port that never spoke RTSP is the wrong one.
  if (knock.rtsp === 'none') return evidence.everStreamed ? 'silent' : 'no-rtsp';
  // A knock carries no password, so 401 is also what a healthy camera answers.
  if (knock.status === 401 && !evidence.hasCredentials) return 'unauthorized';
  const known = knock.status === null ? undefined : STATUS_CAUSES[knock.status];
  if (known !== undefined) return known;
  if (knock.video === null || evidence.frames > 0) return undefined;
  if (knock.video.length === 0) return 'unsupported-stream';
  return knock.video.some((name) => DECODABLE.test(name)) ? undefined : 'unsupported-codec';
}

/** True when a decoder has a chance: the camera would start a stream, as far as can be seen without the password. */
export function looksWell(knock: Knock): boolean {
  if (knock.status === 401) return true;
  return knock.status === 200 && (knock.video?.some((name) => DECODABLE.test(name)) ?? true);
}
