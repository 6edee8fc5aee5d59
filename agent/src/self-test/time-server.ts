import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Which tool says which time server this machine follows, and how to read it. */
const TOOLS: readonly (readonly [command: string, args: readonly string[], read: RegExp])[] = [
  ['timedatectl', ['show-timesync', '--property=ServerName', '--value'], /^(\S+)\s*$/],
  // "^*,192.0.2.1,…": a server, the one that is followed. Machine-readable form, chronyc(1) option -c.
  ['chronyc', ['-n', '-c', 'sources'], /^\^,\*,([^,\s]+)/m],
];

/** The time server that systemd-timesyncd or chrony follows; undefined where neither names one. */
export async function configuredTimeServer(signal: AbortSignal): Promise<string | undefined> {
  for (const [command, args, read] of TOOLS) {
    try {
      const { stdout } = await promisify(execFile)(command, [...args], { signal });
      const server = read.exec(stdout)?.[1];
      if (server !== undefined) return server;
    } catch {
      // Not installed, or not running: the next one may be.
      signal.throwIfAborted();
    }
  }
  return undefined;
}
