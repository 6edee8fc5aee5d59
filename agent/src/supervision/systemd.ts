import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Logger } from 'pino';

/** A helper that hangs must not pile up (ms). */
const NOTIFY_TIMEOUT_MS = 5000;

/** Talks to systemd, or to nobody when the agent was not started by it. */
export interface Systemd {
  /** How often the watchdog wants to hear from us (ms); undefined when there is none. */
  readonly watchdogMs: number | undefined;
  /** Send lines of sd_notify(3), such as READY=1. Never throws: a lost message is logged. */
  notify(...lines: readonly string[]): Promise<void>;
}

/**
 * systemd's notification socket is a datagram socket, which Node cannot open; systemd-notify can, and the unit allows
 * it with NotifyAccess=all.
 * @param env NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID as systemd sets them (sd_watchdog_enabled(3))
 */
export function createSystemd(env: NodeJS.ProcessEnv, logger: Logger): Systemd {
  const socket = env['NOTIFY_SOCKET'];
  if (socket === undefined) return { watchdogMs: undefined, notify: () => Promise.resolve() };
  return {
    watchdogMs: watchdogOf(env, process.pid),
    notify: async (...lines) => {
      try {
        await promisify(execFile)('systemd-notify', [`--pid=${process.pid}`, ...lines], {
          env: { NOTIFY_SOCKET: socket, PATH: env['PATH'] },
          timeout: NOTIFY_TIMEOUT_MS,
        });
      } catch (error) {
        logger.error({ err: error, lines }, 'systemd could not be told');
      }
    },
  };
}

/** The watchdog's period, if it means this process (ms). */
export function watchdogOf(env: NodeJS.ProcessEnv, pid: number): number | undefined {
  const micros = Number(env['WATCHDOG_USEC']);
  const meant = env['WATCHDOG_PID'] === undefined || Number(env['WATCHDOG_PID']) === pid;
  return meant && micros > 0 ? micros / 1000 : undefined;
}
