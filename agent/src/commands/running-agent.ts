import { once } from 'node:events';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import type { AgentConfig } from '../config/config.js';

/** An agent that is silent for so long is given up (ms); a self-test goes on for longer and tells each step. */
const SILENT_MS = 15_000;

/** The agent runs, but did not do what was asked. */
export class RunningAgentError extends Error {
  override readonly name = 'RunningAgentError';
  readonly code = 'AGENT_REFUSED';
}

/**
 * Ask the agent that runs with this configuration on this machine.
 * @returns the body of its answer; undefined when no agent listens there
 * @throws RunningAgentError with the agent's words when it refuses
 */
export async function askRunningAgent(
  config: Pick<AgentConfig, 'status' | 'pin' | 'tls'>,
  request: { readonly method: 'GET' | 'POST'; readonly path: string },
  silentMs = SILENT_MS,
): Promise<IncomingMessage | undefined> {
  let response: IncomingMessage;
  try {
    response = await send(config, request, silentMs);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') return undefined;
    throw new RunningAgentError('the agent on this machine does not answer', { cause: error });
  }
  if (response.statusCode === 200) return response;
  const { detail } = JSON.parse(await text(response)) as { detail: string };
  throw new RunningAgentError(`the agent on this machine says: ${detail}`);
}

async function send(
  { status, pin, tls }: Pick<AgentConfig, 'status' | 'pin' | 'tls'>,
  { method, path }: { method: string; path: string },
  silentMs: number,
): Promise<IncomingMessage> {
  const options = {
    ...{ host: hostOf(status.host), port: status.port, method, path },
    auth: `technician:${pin}`,
    agent: false as const,
    timeout: silentMs,
  };
  const sent = tls === undefined ? requestHttp(options) : requestHttps({ ...options, ...pinned(tls) });
  sent.on('timeout', () => sent.destroy(new Error(`no answer within ${silentMs} ms`)));
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  // From here on whoever reads the response hears of a failure.
  sent.on('error', () => undefined);
  return response;
}

/** The certificate is the one in our own configuration, whatever name it is for and whoever signed it. */
function pinned({ certificate }: NonNullable<AgentConfig['tls']>) {
  return { ca: certificate, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
}

/** An address to connect to, for one to listen on. */
function hostOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
