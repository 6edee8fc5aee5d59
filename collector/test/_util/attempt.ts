import mqtt, { type IClientOptions } from 'mqtt';

/** Connect once; resolves with "accepted" or the reason of the refusal. */
export async function attempt(url: string, options: IClientOptions): Promise<string> {
  const client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 5000, ...options });
  try {
    return await new Promise<string>((resolve) => {
      client.once('connect', () => resolve('accepted'));
      client.once('error', ({ message }) => resolve(message));
      client.once('close', () => resolve('closed without an answer'));
    });
  } finally {
    await client.endAsync(true);
  }
}
