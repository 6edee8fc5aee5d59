import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { entriesOf } from './read-system.js';

/** Longest wait for a time service (ms); it answers in a few. */
const ANSWER_MS = 2000;

const run = promisify(execFile);

/** How the clock of this host stands; null for what nobody tells. */
export interface ClockState {
  /** Set by a time server since the boot. */
  readonly synchronised: boolean | null;
  /** Distance between this clock and the time server as last measured (ms). */
  readonly offsetMs: number | null;
}

const UNKNOWN: ClockState = { synchronised: null, offsetMs: null };

/**
 * Ask the time service of this host: systemd-timesyncd, else chrony, else the kernel's own flag through timedated. Each is
 * asked only where the one before is not there.
 */
export async function readClock(root: string, signal: AbortSignal): Promise<ClockState> {
  const ask = async (file: string, ...args: string[]): Promise<string> => {
    try {
      // Both tools translate and shorten by locale; C is what the parsers below read.
      const env = { ...process.env, LC_ALL: 'C' };
      // A signal of its own: where the tool is not installed, node leaves its listener behind.
      const options = { timeout: ANSWER_MS, signal: AbortSignal.any([signal]), env };
      return (await run(file, args, options)).stdout;
    } catch {
      // Not installed, not running or not allowed: it tells nothing.
      return '';
    }
  };
  const marks = await entriesOf(`${root}/run/systemd/timesync`, /./);
  if (marks.length > 0) {
    const synchronised = marks.some((mark) => mark.endsWith('/synchronized'));
    return { synchronised, offsetMs: timesyncOffset(await ask('timedatectl', 'timesync-status')) };
  }
  const chrony = chronyState(await ask('chronyc', '-c', 'tracking'));
  if (chrony.synchronised !== null) return chrony;
  return { ...UNKNOWN, synchronised: kernelFlag(await ask('timedatectl', 'show', '-p', 'NTPSynchronized')) };
}

/** Offset in the answer of `timedatectl timesync-status`, such as `Offset: -1.456ms`; ms, null without one. */
export function timesyncOffset(text: string): number | null {
  const [, parts] = /^\s*Offset:\s*(.+)$/m.exec(text) ?? [];
  if (parts === undefined) return null;
  const spans = [...parts.matchAll(/(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)\b/g)];
  const ms = spans.reduce((sum, [, value, unit]) => sum + Number(value) * (UNIT_MS[unit ?? ''] ?? NaN), 0);
  if (spans.length === 0 || !Number.isFinite(ms)) return null;
  return parts.startsWith('-') ? -ms : ms;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** State in the answer of `chronyc -c tracking`: comma separated, seconds in the fifth field, leap status in the last. */
export function chronyState(text: string): ClockState {
  const fields = text.trim().split(',');
  const leap = fields[13];
  if (leap === undefined) return UNKNOWN;
  const offset = fields[4] === undefined ? NaN : Number(fields[4]) * 1000;
  if (leap === 'Not synchronised') return { synchronised: false, offsetMs: null };
  return { synchronised: true, offsetMs: Number.isFinite(offset) ? offset : null };
}

/** The kernel's flag in the answer of `timedatectl show -p NTPSynchronized`; null for any other answer. */
export function kernelFlag(text: string): boolean | null {
  const [, flag] = /^NTPSynchronized=(yes|no)$/m.exec(text.trim()) ?? [];
  return flag === undefined ? null : flag === 'yes';
}
