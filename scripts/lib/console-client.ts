import type { RuleOverride } from '../../collector/src/schema/alerts.js';
import type { Camera, Gateway, LiveEvent } from '../../collector/src/schema/api.js';
import type { Bucket } from '../../collector/src/schema/counts.js';
import type { Incident, IncidentDetail } from '../../collector/src/schema/incidents.js';

/** Talks to a collector as a page does: logs in and keeps the cookie. */
export class ConsoleClient {
  private readonly origin: string;
  private cookie = '';

  constructor(origin: string) {
    this.origin = origin;
  }

  async logIn(username: string, password: string): Promise<void> {
    const response = await fetch(`${this.origin}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    });
    if (!response.ok) throw new Error(`login failed: ${response.status} ${await response.text()}`);
    this.cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  }

  async gateways(): Promise<Gateway[]> {
    return ((await this.get('/gateways')) as { gateways: Gateway[] }).gateways;
  }

  async cameras(): Promise<Camera[]> {
    return ((await this.get('/cameras')) as { cameras: Camera[] }).cameras;
  }

  async counts(query: { from: number; to: number; bucket: 'minute' | 'hour' | 'day' }): Promise<Bucket[]> {
    const search = new URLSearchParams({
      from: String(query.from),
      to: String(query.to),
      bucket: query.bucket,
    });
    return ((await this.get(`/counts?${search.toString()}`)) as { buckets: Bucket[] }).buckets;
  }

  async incidents(): Promise<Incident[]> {
    return ((await this.get('/incidents')) as { incidents: Incident[] }).incidents;
  }

  async incident(id: string): Promise<IncidentDetail> {
    return (await this.get(`/incidents/${id}`)) as IncidentDetail;
  }

  /** The first summary of an incident's review. */
  async reviewSummary(id: string): Promise<string> {
    return ((await this.get(`/incidents/${id}/review`)) as { summary: string }).summary;
  }

  /** Change a rule of the alerts, as an administrator. */
  async changeRule(slug: string, change: RuleOverride): Promise<void> {
    const response = await fetch(`${this.origin}/api/v1/alert-rules/${slug}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', cookie: this.cookie },
      body: JSON.stringify(change),
    });
    if (!response.ok) throw new Error(`rule ${slug}: ${response.status} ${await response.text()}`);
  }

  /** Live events until the signal says stop. */
  async watch(onEvent: (event: LiveEvent) => void, signal: AbortSignal): Promise<void> {
    const response = await fetch(`${this.origin}/api/v1/live`, { headers: { cookie: this.cookie }, signal });
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = /^event: (.+)\ndata: (.+)$/m.exec(block);
        if (event !== null) onEvent({ type: event[1], ...JSON.parse(event[2] ?? '{}') } as LiveEvent);
      }
    }
  }

  /** The collector's metrics in Prometheus' text format. */
  async metrics(): Promise<string> {
    const response = await fetch(`${this.origin}/metrics`, { headers: { cookie: this.cookie } });
    if (!response.ok) throw new Error(`GET /metrics failed: ${response.status}`);
    return response.text();
  }

  private async get(path: string): Promise<unknown> {
    const response = await fetch(`${this.origin}/api/v1${path}`, { headers: { cookie: this.cookie } });
    if (!response.ok) throw new Error(`GET ${path} failed: ${response.status} ${await response.text()}`);
    return response.json();
  }
}
