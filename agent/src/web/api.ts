import type { AuditAnswer } from '../audit/audits.js';
import type { RunningWalkTest, SignedWalkTest, Walked } from '../commissioning/walk-test.js';
import type { Geometry } from '../config/geometry.js';
import type { DeviceStreams, FoundDevice } from '../discovery/answers.js';
import type { TypedLogin } from '../discovery/worker-messages.js';
import type { StepResult } from '../self-test/steps.js';
import type { StatusAnswer } from '../status/agent-status.js';
import type { AuditList } from '../status/audit-routes.js';
import type { ProbedStream } from '../status/discovery-routes.js';

/** Longest wait for the status (ms). */
const STATUS_LIMIT_MS = 5000;

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

function json(method: string, body: unknown): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

export async function logOut(): Promise<void> {
  await call('/api/session', { method: 'DELETE' });
}

export async function fetchStatus(): Promise<StatusAnswer> {
  // A gateway that is out of reach says nothing at all.
  const signal = AbortSignal.timeout(STATUS_LIMIT_MS);
  return (await (await call('/status', { signal })).json()) as StatusAnswer;
}

export async function fetchGeometry(camera: string): Promise<Geometry> {
  return (await (await call(`/api/cameras/${camera}/geometry`)).json()) as Geometry;
}

export async function saveGeometry(camera: string, geometry: Geometry): Promise<void> {
  await call(`/api/cameras/${camera}/geometry`, json('PUT', geometry));
}

export async function acceptScene(camera: string): Promise<void> {
  await call(`/api/cameras/${camera}/reference`, { method: 'POST' });
}

export async function fetchAudit(camera: string): Promise<AuditList> {
  return (await (await call(`/api/audit?camera=${camera}`)).json()) as AuditList;
}

export async function answerAudit(clip: string, person: Walked): Promise<AuditAnswer> {
  return (await (await call(`/api/audit/${clip}`, json('POST', person))).json()) as AuditAnswer;
}

export async function startWalkTest(camera: string, line: string): Promise<RunningWalkTest> {
  const response = await call('/api/walk-test', json('POST', { camera, line }));
  return ((await response.json()) as { running: RunningWalkTest }).running;
}

/** Tells every result as soon as its step is done. */
export async function runSelfTest(signal: AbortSignal, take: (result: StepResult) => void): Promise<void> {
  const { body } = await call('/api/self-test', { method: 'POST', signal });
  if (body === null) return;
  let rest = '';
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(JSON.parse(line) as StepResult);
  }
}

export async function findCameras(): Promise<readonly FoundDevice[]> {
  const response = await call('/api/discovery', { method: 'POST' });
  return ((await response.json()) as { devices: readonly FoundDevice[] }).devices;
}

export async function askStreams(service: string, login: TypedLogin | undefined): Promise<DeviceStreams> {
  const response = await call('/api/discovery/streams', json('POST', { service, login }));
  return (await response.json()) as DeviceStreams;
}

export async function probeStream(url: string, login: TypedLogin | undefined): Promise<ProbedStream> {
  return (await (await call('/api/discovery/probe', json('POST', { url, login }))).json()) as ProbedStream;
}

export async function fetchWalkTest(): Promise<RunningWalkTest | null> {
  const response = await call('/api/walk-test');
  return ((await response.json()) as { running: RunningWalkTest | null }).running;
}

export async function finishWalkTest(walked: Walked): Promise<SignedWalkTest> {
  return (await (await call('/api/walk-test/finish', json('POST', walked))).json()) as SignedWalkTest;
}

export async function cancelWalkTest(): Promise<void> {
  await call('/api/walk-test', { method: 'DELETE' });
}
