import type { AgentStatus } from '../status/agent-status.js';

/** What came back instead of the answer; status 0 when nothing came back. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

async function call(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    throw new ApiError(0, 'unreachable', { cause });
  }
  if (response.ok) return response;
  const { detail } = (await response.json()) as { detail: string };
  throw new ApiError(response.status, detail);
}

export async function logIn(pin: string): Promise<void> {
  await call('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ pin }),
  });
}

export async function logOut(): Promise<void> {
  await call('/api/session', { method: 'DELETE' });
}

export async function fetchStatus(): Promise<AgentStatus> {
  return (await (await call('/status')).json()) as AgentStatus;
}
