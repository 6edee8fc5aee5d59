import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** A time daemon that does not answer is as good as none (ms). */
const ANSWER_MS = 3000;

/** Whether the system's clock follows a time server, and how far it is off (ms); null where nobody says. */
export interface TimeSync {
  readonly synchronised: boolean | null;
  readonly offsetMs: number | null;
}

const UNKNOWN: TimeSync = { synchronised: null, offsetMs: null };
/** systemd-timesyncd keeps this folder, and the file in it once it has set the clock. */
const TIMESYNC_FOLDER = '/run/systemd/timesync';
const TIMESYNC_DONE = '/run/systemd/timesync/synchronized';
const CHRONY_FOLDER = '/run/chrony';
const SYSTEMD = '/run/systemd/system';

/**
 * Ask whichever time daemon is there: chrony, systemd-timesyncd, else what the kernel knows through systemd. A container
 * has none of them; then nobody knows, and the clock is the host's.
 */
export async function readTimeSync(): Promise<TimeSync> {
  if (existsSync(CHRONY_FOLDER)) return parseTracking(await answer('chronyc', ['-c', 'tracking']));
  if (existsSync(TIMESYNC_FOLDER)) {
    const synchronised = existsSync(TIMESYNC_DONE);
    const offsetMs = synchronised ? parseOffset(await answer('timedatectl', ['timesync-status'])) : null;
    return { synchronised, offsetMs };
  }
  if (!existsSync(SYSTEMD)) return UNKNOWN;
  const text = await answer('timedatectl', ['show', '-p', 'NTPSynchronized', '--value']);
  return { synchronised: text.trim() === '' ? null : text.trim() === 'yes', offsetMs: null };
}

/**
 * What `chronyc -c tracking` prints: comma separated, the fifth field how far the system's clock is behind (seconds,
 * positive when it is slow), the last whether it is synchronised.
 */
export function parseTracking(text: string): TimeSync {
  const fields = text.trim().split(',');
  if (fields.length < 14) return UNKNOWN;
  const offset = Number(fields[4]);
  return {
    synchronised: fields.at(-1) !== 'Not synchronised',
    offsetMs: Number.isFinite(offset) ? offset * 1000 : null,
  };
}

/** The line "Offset: -1.234ms" of `timedatectl timesync-status`, in ms; null where there is none. */
export function parseOffset(text: string): number | null {
  const found = /^\s*Offset:\s*([+-]?[\d.]+)(us|ms|s)\b/m.exec(text);
  if (found === null) return null;
  const [, value = '0', unit] = found;
  return Number(value) * (unit === 'us' ? 0.001 : unit === 's' ? 1000 : 1);
}

/** What a program says; empty when it is not there or fails. */
async function answer(program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(program, args, { timeout: ANSWER_MS, env: { ...process.env, LC_ALL: 'C' } });
    return stdout;
  } catch {
    return '';
  }
}
