import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** The boot of this machine: its id, and the ms since then, the same in every process (CLOCK_MONOTONIC). */
export function machineBoot(): { boot: string; sinceBoot: () => number } {
  const boot = existsSync(BOOT_ID) ? readFileSync(BOOT_ID, 'utf8').trim() : randomUUID();
  return { boot, sinceBoot: () => Number(process.hrtime.bigint()) / 1e6 };
}
