import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { askRunningAgent } from '../src/commands/running-agent.js';
import type { AgentConfig } from '../src/config/config.js';

const SILENT_MS = 300;
const REQUEST = { method: 'POST', path: '/api/self-test' } as const;

/** The configuration of an agent whose status page answers like this. */
async function agent(answer: RequestListener): Promise<Pick<AgentConfig, 'status' | 'pin' | 'tls'>> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { status: { host: '0.0.0.0', port }, pin: '246813', tls: undefined };
}

it('reads an answer that takes longer than the agent may be silent', async () => {
  const config = await agent((request, response) => {
    const login = Buffer.from('technician:246813').toString('base64');
    expect(request.headers.authorization).toBe(`Basic ${login}`);
    void (async () => {
      for (let line = 1; line <= 6; line++) {
        response.write(`${line}\n`);
        await sleep(SILENT_MS / 3);
      }
      response.end();
    })();
  });
  const answer = await askRunningAgent(config, REQUEST, SILENT_MS);
  expect(answer && (await text(answer))).toBe('1\n2\n3\n4\n5\n6\n');
});

it('gives up an agent that is silent, and passes on the words of one that refuses', async () => {
  const silent = await agent(() => undefined);
  await expect(askRunningAgent(silent, REQUEST, SILENT_MS)).rejects.toThrow('does not answer');
  const busy = await agent((_, response) =>
    response.writeHead(409).end('{"detail":"a self-test is under way"}'),
  );
  await expect(askRunningAgent(busy, REQUEST, SILENT_MS)).rejects.toThrow('says: a self-test is under way');
});

it('says that no agent runs', async () => {
  const nobody = { status: { host: '127.0.0.1', port: 9 }, pin: '246813', tls: undefined };
  expect(await askRunningAgent(nobody, REQUEST, SILENT_MS)).toBeUndefined();
});
