import type { AgentConfig } from '../config/config.js';

/** Longest that the agent may take to begin an answer (ms). */
const ANSWER_MS = 15_000;

/** The agent runs, but did not do what was asked. */
export class RunningAgentError extends Error {
  override readonly name = 'RunningAgentError';
  readonly code = 'AGENT_REFUSED';
}

/**
 * Ask the agent that runs with this configuration on this machine.
 * @returns undefined when no agent listens there
 * @throws RunningAgentError with the agent's words when it refuses
 */
export async function askRunningAgent(
  { status, pin }: Pick<AgentConfig, 'status' | 'pin'>,
  request: { readonly method: 'GET' | 'POST'; readonly path: string },
): Promise<Response | undefined> {
  const login = Buffer.from(`technician:${pin}`).toString('base64');
  let response: Response;
  try {
    response = await fetch(`http://${hostOf(status.host)}:${status.port}${request.path}`, {
      method: request.method,
      headers: { authorization: `Basic ${login}` },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  } catch (error) {
    if (isRefused(error)) return undefined;
    throw new RunningAgentError('the agent on this machine does not answer', { cause: error });
  }
  if (response.ok && response.body !== null) return response;
  const { detail } = (await response.json()) as { detail: string };
  throw new RunningAgentError(`the agent on this machine says: ${detail}`);
}

/** An address to connect to, for one to listen on. */
function hostOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
