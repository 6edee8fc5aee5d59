import { setTimeout as sleep } from 'node:timers/promises';
import type { Uplink } from '../uplink/uplink.js';
import type { Checks } from './steps.js';

/** How often a connection attempt is looked at (ms). */
const LOOK_MS = 100;

/**
 * Login and round trip over the agent's own connection. A second client would either need a login of its own or push
 * the first one out: the broker holds one connection per gateway. While offline the next attempt is made at once.
 */
export function uplinkChecks(uplink: Uplink): Pick<Checks, 'login' | 'round-trip'> {
  return {
    login: async (signal) => {
      const { attempts } = uplink.status();
      uplink.retryNow();
      while (!signal.aborted) {
        const { state, attempts: by, cause, problem } = uplink.status();
        if (state === 'online') return { outcome: 'good', code: 'login-fine', values: {} };
        if (by > attempts && cause === 'password')
          return { outcome: 'bad', code: 'login-refused', values: {} };
        if (by > attempts)
          return { outcome: 'bad', code: 'login-failed', values: { reason: problem ?? state } };
        await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
      }
      return { outcome: 'bad', code: 'login-silent', values: {} };
    },
    'round-trip': async (signal) => {
      try {
        const ms = Math.round(await uplink.roundTrip(signal));
        return { outcome: 'good', code: 'round-trip-fine', values: { ms } };
      } catch {
        return { outcome: 'bad', code: 'round-trip-silent', values: {} };
      }
    },
  };
}
