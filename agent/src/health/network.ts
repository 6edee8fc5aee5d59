import { entriesOf, readNumber, readText } from './read-system.js';

/** Counters of an interface since it came up. */
export interface NetworkCounters {
  readonly name: string;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly errors: number;
}

/**
 * Counters of the interface that the default route uses, so that bridges and virtual interfaces of containers do not count
 * twice; without a default route those of the first real one. Null where there is none.
 */
export async function networkCounters(root: string): Promise<NetworkCounters | null> {
  const name = (await defaultInterface(root)) ?? (await firstDevice(root));
  if (name === null) return null;
  const figure = (of: string) => readNumber(`${root}/sys/class/net/${name}/statistics/${of}`);
  const [rxBytes, txBytes, rxErrors, txErrors] = await Promise.all(
    ['rx_bytes', 'tx_bytes', 'rx_errors', 'tx_errors'].map(figure),
  );
  if (typeof rxBytes !== 'number' || typeof txBytes !== 'number') return null;
  return { name, rxBytes, txBytes, errors: (rxErrors ?? 0) + (txErrors ?? 0) };
}

/** Bytes per second between two readings `seconds` apart; null when they are of different interfaces or it began anew. */
export function networkRates(
  before: NetworkCounters | null,
  after: NetworkCounters | null,
  seconds: number,
): { rx: number; tx: number } | null {
  if (before === null || after === null || before.name !== after.name || seconds <= 0) return null;
  const [rx, tx] = [after.rxBytes - before.rxBytes, after.txBytes - before.txBytes];
  return rx < 0 || tx < 0 ? null : { rx: rx / seconds, tx: tx / seconds };
}

/** From /proc/net/route: the route to everywhere with the smallest metric. */
async function defaultInterface(root: string): Promise<string | null> {
  const [, ...routes] = ((await readText(`${root}/proc/net/route`)) ?? '').split('\n');
  const toEverywhere = routes
    .map((line) => line.split(/\s+/))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .sort((a, b) => Number(a[6]) - Number(b[6]));
  return toEverywhere[0]?.[0] ?? null;
}

/** An interface with a device behind it, which lo, bridges and tunnels do not have. */
async function firstDevice(root: string): Promise<string | null> {
  for (const folder of await entriesOf(`${root}/sys/class/net`, /./))
    if ((await entriesOf(folder, /^device$/)).length > 0) return folder.slice(folder.lastIndexOf('/') + 1);
  return null;
}
