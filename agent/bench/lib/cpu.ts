import { readFileSync, readdirSync } from 'node:fs';

/** Clock ticks per second that Linux counts CPU time in (sysconf _SC_CLK_TCK), on every common architecture. */
const TICKS_PER_SECOND = 100;

/** CPU seconds of this process with all its threads, and of its children that have ended. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  // proc(5): cutime and cstime are fields 16 and 17, and the name in brackets is field 2.
  const children = Number(fields[13] ?? 0) + Number(fields[14] ?? 0);
  return (user + system) / 1e6 + children / TICKS_PER_SECOND;
}

/** Resident memory of this process and of its children, in MiB. */
export function residentMiB(): { own: number; children: number } {
  const own = process.memoryUsage.rss() / 2 ** 20;
  let children = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) !== process.pid) continue;
      children += Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
    } catch (error) {
      // A process that ended between the listing and the look.
      if (
        (error as NodeJS.ErrnoException).code !== 'ENOENT' &&
        (error as NodeJS.ErrnoException).code !== 'ESRCH'
      )
        throw error;
    }
  }
  return { own, children };
}
