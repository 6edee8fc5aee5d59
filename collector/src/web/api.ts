import type { AccuracyAnswer, Risk } from '../schema/accuracy.js';
import type { Camera, Gateway, Problem, SiteOccupancyAnswer, ZoneToday } from '../schema/api.js';
import type { AvailabilityAnswer } from '../schema/availability.js';
import type { Connection } from '../schema/connection.js';
import type { Bucket } from '../schema/counts.js';
import type { ImportAnswer, LineRef, ManualAudit, NewTally } from '../schema/manual-audits.js';
import type { PresetUse } from '../schema/presets.js';
import type { CommandAnswer, DesiredVersion } from '../schema/remote.js';
import type { Role, Scope } from '../schema/role.js';
import type { Rollout, RolloutPlan, StartRollout } from '../schema/rollouts.js';
import type { ApiToken, AuditLogEntry, OwnSession, Person, Session, TotpOffer } from '../schema/security.js';
import type { SiteAnswer } from '../schema/sites.js';

/** What the collector answered instead of what was asked for; `message` is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 when the collector could not be reached. */
  readonly status: number;
  /** Of the problem, for what the page acts on; "about:blank" for most. */
  readonly type: string;

  constructor(status: number, message: string, options: ErrorOptions & { type?: string } = {}) {
    super(message, options);
    this.status = status;
    this.type = options.type ?? 'about:blank';
  }
}

/** Ask the API. @throws ApiError */
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
    const { detail, type } = body as Problem;
    throw new ApiError(response.status, detail, { type });
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

export async function currentSession(): Promise<Session | null> {
  try {
    return (await call('/session')) as Session;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** @param login.code of the second factor, where the account has one */
export async function logIn(login: { username: string; password: string; code?: string }): Promise<Session> {
  return (await send('POST', '/session', login)) as Session;
}

export async function logOut(): Promise<void> {
  await send('DELETE', '/session');
}

export async function changePassword(current: string, next: string): Promise<Session> {
  return (await send('PUT', '/account/password', { current, next })) as Session;
}

export async function fetchOwnSessions(): Promise<OwnSession[]> {
  return ((await call('/account/sessions')) as { sessions: OwnSession[] }).sessions;
}

export async function endOwnSession(id: string): Promise<void> {
  await send('DELETE', `/account/sessions/${id}`);
}

export async function offerTotp(password: string): Promise<TotpOffer> {
  return (await send('POST', '/account/totp', { password })) as TotpOffer;
}

/** @returns recovery codes */
export async function confirmTotp(code: string): Promise<string[]> {
  return ((await send('PUT', '/account/totp', { code })) as { recoveryCodes: string[] }).recoveryCodes;
}

export async function removeTotp(password: string): Promise<void> {
  await send('DELETE', '/account/totp', { password });
}

export async function fetchPeople(): Promise<Person[]> {
  return ((await call('/people')) as { people: Person[] }).people;
}

/** @returns the one-time password */
export async function addPerson(username: string, role: Role): Promise<string> {
  return ((await send('POST', '/people', { username, role })) as { password: string }).password;
}

/** What changes of a person; a new password is in the answer. */
export interface PersonChange {
  readonly role?: Role;
  readonly disabled?: boolean;
  readonly newPassword?: true;
  readonly resetTotp?: true;
}

export async function changePerson(username: string, change: PersonChange): Promise<string | null> {
  const path = `/people/${encodeURIComponent(username)}`;
  return ((await send('PATCH', path, change)) as { password: string | null }).password;
}

export async function fetchTokens(): Promise<ApiToken[]> {
  return ((await call('/tokens')) as { tokens: ApiToken[] }).tokens;
}

/** @returns the token, which is shown once */
export async function makeToken(token: { name: string; scopes: Scope[]; days: number }): Promise<string> {
  return ((await send('POST', '/tokens', token)) as { token: string }).token;
}

export async function revokeToken(id: string): Promise<void> {
  await send('DELETE', `/tokens/${id}`);
}

/** One page of the audit log, the newest first. */
export async function fetchAuditLog(
  cursor: string | null,
): Promise<{ entries: AuditLogEntry[]; next: string | null }> {
  const search = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
  return (await call(`/audit-log${search}`)) as { entries: AuditLogEntry[]; next: string | null };
}

export async function fetchGateways(): Promise<Gateway[]> {
  return ((await call('/gateways')) as { gateways: Gateway[] }).gateways;
}

/** How a gateway is connected, and what it has sent and received. */
export async function fetchConnection(gateway: string): Promise<Connection> {
  return (await call(`/gateways/${gateway}/connection`)) as Connection;
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

/** How often each line is right. */
export async function fetchAccuracy(): Promise<AccuracyAnswer> {
  return (await call('/accuracy')) as AccuracyAnswer;
}

/** Signs that lines count wrongly. */
export async function fetchRisks(): Promise<Risk[]> {
  return ((await call('/accuracy/risks')) as { risks: Risk[] }).risks;
}

/** Live tallies and imported counts, the newest first. */
export async function fetchManualAudits(): Promise<ManualAudit[]> {
  return ((await call('/accuracy/audits')) as { audits: ManualAudit[] }).audits;
}

export async function removeManualAudit(id: string): Promise<void> {
  await send('DELETE', `/accuracy/audits/${id}`);
}

export async function sendTally(tally: NewTally): Promise<ManualAudit> {
  return (await send('POST', '/accuracy/tallies', tally)) as ManualAudit;
}

/** Manual counts of a line, as CSV. */
export async function importCounts({ gateway, camera, line }: LineRef, csv: string): Promise<ImportAnswer> {
  const search = new URLSearchParams({ gateway, camera, line }).toString();
  const headers = { 'content-type': 'text/csv' };
  const answer = await call(`/accuracy/imports?${search}`, { method: 'POST', headers, body: csv });
  return answer as ImportAnswer;
}

/** A site with its people. */
export interface SiteNow {
  readonly site: SiteAnswer;
  readonly people: SiteOccupancyAnswer;
}

/** Every site, whether it is open, and how many people are inside. */
export async function fetchSites(): Promise<SiteNow[]> {
  const { sites } = (await call('/sites')) as { sites: SiteAnswer[] };
  return Promise.all(
    sites.map(async (site) => ({
      site,
      people: (await call(`/sites/${site.name}/occupancy`)) as SiteOccupancyAnswer,
    })),
  );
}

/** The last roll-outs, the newest first. */
export async function fetchRollouts(): Promise<Rollout[]> {
  return ((await call('/rollouts')) as { rollouts: Rollout[] }).rollouts;
}

export async function startRollout(wanted: Partial<StartRollout>): Promise<RolloutPlan> {
  return (await send('POST', '/rollouts', wanted)) as RolloutPlan;
}

export async function endRollout(id: string, how: 'cancel' | 'rollback'): Promise<void> {
  await send('POST', `/rollouts/${id}/${how}`);
}

/** What a gateway was asked for, the newest first. */
export async function fetchVersions(gateway: string): Promise<DesiredVersion[]> {
  const answer = (await call(`/gateways/${gateway}/desired/versions`)) as { versions: DesiredVersion[] };
  return answer.versions;
}

export async function restoreVersion(gateway: string, version: number): Promise<void> {
  await send('POST', `/gateways/${gateway}/desired/restore`, { version });
}

/** Settings that many cameras share. */
export async function fetchPresets(): Promise<PresetUse[]> {
  return ((await call('/camera-presets')) as { presets: PresetUse[] }).presets;
}

/** Ask the gateway of a camera for something, and wait for what becomes of it. */
export async function askCamera(
  { gateway, id }: Camera,
  kind: 'snapshot' | 'restart-camera',
): Promise<CommandAnswer> {
  return (await send('POST', `/gateways/${gateway}/commands`, { kind, camera: id })) as CommandAnswer;
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
