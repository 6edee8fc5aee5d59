import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A listener that never accepts, its queue filled by its own connections: the kernel drops what else comes. */
const DEAF = `
import socket, time
deaf = socket.socket()
deaf.bind(("127.0.0.1", 0))
deaf.listen(0)
full = [socket.socket() for _ in range(4)]
for one in full:
    one.setblocking(False)
    one.connect_ex(deaf.getsockname())
print(deaf.getsockname()[1], flush=True)
time.sleep(3600)
`;

/** A TCP port that behaves like a machine that is switched off: nothing comes back, not even a refusal. */
export async function startDeafPort(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const child = spawn('/usr/bin/python3', ['-c', DEAF], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    port: Number(line),
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
