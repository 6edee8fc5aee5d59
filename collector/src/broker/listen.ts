import type { AddressInfo, Server } from 'node:net';

/**
 * Listen; resolves with the real port.
 * @throws Error of the system, such as EADDRINUSE
 */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Take no more connections; resolves when the last one has gone. Safe on a server that does not listen. */
export async function unlisten(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise((resolve) => server.close(resolve));
}
