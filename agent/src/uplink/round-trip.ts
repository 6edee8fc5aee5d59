import type { MqttClient, Packet } from 'mqtt';

/**
 * Ask the broker for a sign of life.
 * @returns how long the answer took, in ms
 * @throws Error while not connected; the signal's reason
 */
export async function roundTrip(
  client: MqttClient,
  monotonic: () => number,
  signal: AbortSignal,
): Promise<number> {
  if (!client.connected) throw new Error('not connected');
  const started = monotonic();
  return new Promise<number>((resolve, reject) => {
    const forget = () => {
      client.off('packetreceive', look);
      signal.removeEventListener('abort', giveUp);
    };
    const look = ({ cmd }: Packet) => {
      if (cmd !== 'pingresp') return;
      forget();
      resolve(monotonic() - started);
    };
    const giveUp = () => {
      forget();
      reject(signal.reason as Error);
    };
    client.on('packetreceive', look);
    signal.addEventListener('abort', giveUp);
    client.sendPing();
  });
}
