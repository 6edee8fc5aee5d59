import type { Camera, Gateway, Problem, SiteOccupancyAnswer, ZoneToday } from '../schema/api.js';
import type { AvailabilityAnswer } from '../schema/availability.js';
import type { Bucket } from '../schema/counts.js';
import type { CommandAnswer } from '../schema/remote.js';
import type { Session } from '../schema/security.js';

/** What the collector answered instead of what was asked for; `message` is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 when the collector could not be reached. */
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

async function call(path: string, init?: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, init);
  } catch (cause) {
    throw new ApiError(0, 'unreachable', { cause });
  }
  if (response.status === 204) return undefined;
  const body: unknown = await response.json();
  if (!response.ok) throw new ApiError(response.status, (body as Problem).detail);
  return body;
}

export async function currentSession(): Promise<Session | null> {
  try {
    return (await call('/session')) as Session;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

export async function logIn(username: string, password: string): Promise<Session> {
  const headers = { 'content-type': 'application/json' };
  return (await call('/session', {
    method: 'POST',
    headers,
    body: JSON.stringify({ username, password }),
  })) as Session;
}

export async function logOut(): Promise<void> {
  await call('/session', { method: 'DELETE' });
}

export async function fetchGateways(): Promise<Gateway[]> {
  return ((await call('/gateways')) as { gateways: Gateway[] }).gateways;
}

export async function fetchCameras(): Promise<Camera[]> {
  return ((await call('/cameras')) as { cameras: Camera[] }).cameras;
}

export async function fetchZones(): Promise<ZoneToday[]> {
  return ((await call('/zones')) as { zones: ZoneToday[] }).zones;
}

/** How much of the last days cameras, gateways and sites were up. */
export async function fetchAvailability(days: number): Promise<AvailabilityAnswer> {
  return (await call(`/availability?days=${days}`)) as AvailabilityAnswer;
}

/** The occupancy of every site. */
export async function fetchSiteOccupancies(): Promise<SiteOccupancyAnswer[]> {
  const { sites } = (await call('/sites')) as { sites: { name: string }[] };
  return Promise.all(
    sites.map(async ({ name }) => (await call(`/sites/${name}/occupancy`)) as SiteOccupancyAnswer),
  );
}

/** Ask the gateway of a camera for something, and wait for what becomes of it. */
export async function askCamera(
  { gateway, id }: Camera,
  kind: 'snapshot' | 'restart-camera',
): Promise<CommandAnswer> {
  return (await call(`/gateways/${gateway}/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind, camera: id }),
  })) as CommandAnswer;
}

/** The query of {@link fetchCounts}. */
export interface CountsRequest {
  readonly gateway: string;
  readonly camera: string;
  readonly line: string;
  readonly from: number;
  readonly to: number;
  readonly bucket: 'minute' | 'hour' | 'day';
}

export async function fetchCounts(request: CountsRequest): Promise<Bucket[]> {
  const search = new URLSearchParams(Object.entries(request).map(([key, value]) => [key, String(value)]));
  return ((await call(`/counts?${search.toString()}`)) as { buckets: Bucket[] }).buckets;
}
