import type { UplinkCause } from '../uplink/cause.js';
import type { AgentStatus, CameraStatus, StatusAnswer } from './agent-status.js';

/** A camera that gives less of its configured rate counts worse (share; operations rule camera-degraded). */
const SLOW_SHARE = 0.6;
/** Counting needs a minute before its frame rate means something (ms). */
const WARM_UP_MS = 60_000;
/** A clock that is farther off puts counts into wrong minutes (ms; operations rule gateway-clock-skew). */
const CLOCK_OFFSET_MS = 2000;
/** A disk that is fuller will soon refuse counts (share). */
const DISK_FULL_SHARE = 0.95;

/** Causes of a stream that comes as it should. */
const WELL: readonly CameraStatus['cause'][] = ['first-frame', 'recovered'];

/** The five questions of a technician. */
export const SUBJECTS = ['camera', 'counting', 'clock', 'storage', 'uplink'] as const;

/** What a verdict can say, per subject. */
export type VerdictCode =
  | 'camera-fine'
  | 'camera-bad'
  | 'camera-impaired'
  | 'counting-fine'
  | 'counting-waits'
  | 'counting-slow'
  | 'counting-suspect'
  | 'counting-advice'
  | 'clock-fine'
  | 'clock-unset'
  | 'clock-wrong'
  | 'clock-unknown'
  | 'clock-waits'
  | 'storage-fine'
  | 'storage-waiting'
  | 'storage-merged'
  | 'storage-dropped'
  | 'storage-damaged'
  | 'storage-full'
  | 'storage-refused'
  | 'uplink-fine'
  | 'uplink-connecting'
  | `uplink-${UplinkCause}`;

/** One answer; the page has words and the next action for every code. */
export interface Verdict {
  readonly subject: (typeof SUBJECTS)[number];
  /** `unknown` is neither: it is shown, and nobody has to act at once. */
  readonly grade: 'good' | 'bad' | 'unknown';
  readonly code: VerdictCode;
  /** Values for the words: names, numbers. */
  readonly values: Readonly<Record<string, string | number>>;
}

/** Answer the five questions from a status. */
export function verdictsOf(status: AgentStatus): Verdict[] {
  return [camera(status), counting(status), clock(status), storage(status), uplink(status)];
}

/** A status with what it means. */
export function withVerdicts(status: AgentStatus): StatusAnswer {
  return { ...status, verdicts: verdictsOf(status) };
}

const active = ({ cameras }: AgentStatus) => cameras.filter(({ state }) => state !== 'disabled');
const names = (cameras: readonly CameraStatus[]) => cameras.map(({ name }) => name).join(', ');

function camera(status: AgentStatus): Verdict {
  const bad = active(status).filter(({ state }) => state !== 'streaming');
  const impaired = active(status).filter(({ cause }) => !WELL.includes(cause));
  const named = bad.length > 0 ? bad : impaired;
  // The page says what to do about the first one.
  const values = { n: active(status).length, names: names(named), cause: named[0]?.cause ?? '' };
  if (bad.length > 0) return { subject: 'camera', grade: 'bad', code: 'camera-bad', values };
  if (impaired.length > 0) return { subject: 'camera', grade: 'bad', code: 'camera-impaired', values };
  return { subject: 'camera', grade: 'good', code: 'camera-fine', values };
}

function counting(status: AgentStatus): Verdict {
  const streaming = active(status).filter(({ state }) => state === 'streaming');
  if (streaming.length === 0)
    return { subject: 'counting', grade: 'bad', code: 'counting-waits', values: {} };
  const slow = streaming.filter(
    ({ fps, since }) => status.now - since > WARM_UP_MS && fps.measured < SLOW_SHARE * fps.configured,
  );
  if (slow.length > 0)
    return { subject: 'counting', grade: 'bad', code: 'counting-slow', values: { names: names(slow) } };
  const suspect = streaming.filter(({ scene }) => scene.active.length > 0);
  if (suspect.length > 0)
    return { subject: 'counting', grade: 'bad', code: 'counting-suspect', values: { names: names(suspect) } };
  const advised = streaming.filter(({ lines, zones }) =>
    [...lines, ...zones].some(({ advice }) => advice.length > 0),
  );
  if (advised.length > 0)
    return { subject: 'counting', grade: 'bad', code: 'counting-advice', values: { names: names(advised) } };
  const values = { n: streaming.reduce((sum, { inView }) => sum + inView, 0) };
  return { subject: 'counting', grade: 'good', code: 'counting-fine', values };
}

function clock({ clock: { synchronised, offsetMs }, outbox: { provisional } }: AgentStatus): Verdict {
  const values = { ms: Math.round(offsetMs ?? 0), n: provisional };
  if (provisional > 0) return { subject: 'clock', grade: 'bad', code: 'clock-waits', values };
  if (Math.abs(offsetMs ?? 0) > CLOCK_OFFSET_MS)
    return { subject: 'clock', grade: 'bad', code: 'clock-wrong', values };
  if (synchronised === false) return { subject: 'clock', grade: 'bad', code: 'clock-unset', values };
  return synchronised === null
    ? { subject: 'clock', grade: 'unknown', code: 'clock-unknown', values }
    : { subject: 'clock', grade: 'good', code: 'clock-fine', values };
}

function storage({ outbox, host, uplink: { state } }: AgentStatus): Verdict {
  const subject = 'storage';
  const used = host?.diskTotalBytes ? (host.diskUsedBytes ?? 0) / host.diskTotalBytes : 0;
  const { waiting, held, merged, dropped, quarantined } = outbox;
  const values = { n: waiting, percent: Math.round(100 * used), held, dropped, quarantined };
  if (!outbox.healthy) return { subject, grade: 'bad', code: 'storage-refused', values };
  if (used > DISK_FULL_SHARE) return { subject, grade: 'bad', code: 'storage-full', values };
  if (quarantined > 0) return { subject, grade: 'bad', code: 'storage-damaged', values };
  const waits = waiting > 0 && state !== 'online';
  if (waits && dropped > 0) return { subject, grade: 'bad', code: 'storage-dropped', values };
  if (waits)
    return { subject, grade: 'good', code: merged > 0 ? 'storage-merged' : 'storage-waiting', values };
  return { subject, grade: 'good', code: 'storage-fine', values };
}

function uplink({ uplink: { state, cause } }: AgentStatus): Verdict {
  const subject = 'uplink';
  if (state === 'online') return { subject, grade: 'good', code: 'uplink-fine', values: {} };
  if (state === 'connecting') return { subject, grade: 'unknown', code: 'uplink-connecting', values: {} };
  return { subject, grade: 'bad', code: `uplink-${cause ?? 'lost'}`, values: {} };
}
