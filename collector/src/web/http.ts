import type { Problem } from '../schema/api.js';

/** What the collector answered instead of what was asked for; `message` is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 when the collector could not be reached. */
  readonly status: number;
  /** Of the problem, for what the page acts on; "about:blank" for most. */
  readonly type: string;
  /** What is wrong with which field, where the collector says so. */
  readonly errors: NonNullable<Problem['errors']>;

  constructor(
    status: number,
    message: string,
    options: ErrorOptions & { type?: string; errors?: Problem['errors'] } = {},
  ) {
    super(message, options);
    this.status = status;
    this.type = options.type ?? 'about:blank';
    this.errors = options.errors ?? [];
  }
}

/** Ask the API. @returns the body of the answer, undefined without one @throws ApiError */
export async function call(path: string, init?: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, init);
  } catch (cause) {
    throw new ApiError(0, 'unreachable', { cause });
  }
  if (response.status === 204) return undefined;
  const body: unknown = await response.json();
  if (!response.ok) {
    const { detail, type, errors } = body as Problem;
    throw new ApiError(response.status, detail, { type, errors });
  }
  return body;
}

/** A request that changes something. @throws ApiError */
export async function send(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<unknown> {
  if (body === undefined) return call(path, { method });
  const headers = { 'content-type': 'application/json' };
  return call(path, { method, headers, body: JSON.stringify(body) });
}
