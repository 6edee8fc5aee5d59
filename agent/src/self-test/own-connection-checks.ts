import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { causeOf } from '../uplink/cause.js';
import { roundTrip } from '../uplink/round-trip.js';
import { abortable, codeOf } from './network-checks.js';
import type { Checks } from './steps.js';

/**
 * Login and round trip over a connection of their own, under the gateway's name: only while its agent does not run,
 * because the broker holds one connection per gateway.
 */
export function ownConnectionChecks(
  url: string,
  login: Pick<IClientOptions, 'clientId' | 'username' | 'password' | 'ca' | 'cert' | 'key'>,
  monotonic: () => number,
): Pick<Checks, 'login' | 'round-trip'> {
  return {
    login: async (signal) => {
      try {
        await withClient(url, login, signal, () => Promise.resolve(0));
        return { outcome: 'good', code: 'login-fine', values: {} };
      } catch (error) {
        if (signal.aborted) return { outcome: 'bad', code: 'login-silent', values: {} };
        return error instanceof Error && causeOf(error) === 'password'
          ? { outcome: 'bad', code: 'login-refused', values: {} }
          : { outcome: 'bad', code: 'login-failed', values: { reason: codeOf(error) } };
      }
    },
    'round-trip': async (signal) => {
      try {
        const ms = await withClient(url, login, signal, (client) => roundTrip(client, monotonic, signal));
        return { outcome: 'good', code: 'round-trip-fine', values: { ms: Math.round(ms) } };
      } catch {
        return { outcome: 'bad', code: 'round-trip-silent', values: {} };
      }
    },
  };
}

async function withClient(
  url: string,
  login: IClientOptions,
  signal: AbortSignal,
  work: (client: MqttClient) => Promise<number>,
): Promise<number> {
  const client = mqtt.connect(url, { ...login, clean: true, reconnectPeriod: 0 });
  try {
    const connected = new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.on('error', reject);
      client.once('close', () => reject(new Error('the connection was closed')));
    });
    await abortable(connected, signal);
    return await work(client);
  } finally {
    await client.endAsync(true);
  }
}
