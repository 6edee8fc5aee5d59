import type { SloBucket } from './buckets.js';
import { ANSWER_MS } from './objectives.js';

/** Answers that last as long as somebody watches, or as a gateway takes. */
const WAITING: ReadonlySet<string> = new Set(['/api/v1/live', '/api/v1/gateways/:name/commands']);

/** Answers of the API since they were last taken. */
export class Answers {
  private all = 0;
  private failed = 0;
  private ms = 0;

  /** An answer was sent. @param route its template */
  add({ route, status }: { route: string; status: number }, seconds: number): void {
    if (!route.startsWith('/api/v1/') || WAITING.has(route)) return;
    this.all += 1;
    this.ms += seconds * 1000;
    if (status >= 500) this.failed += 1;
  }

  /**
   * What the answers were, and forget them. The promise is about the average, so that all answers of a stretch are in time
   * together or not at all.
   */
  take(bucket_at: number): SloBucket[] {
    const { all, failed, ms } = this;
    [this.all, this.failed, this.ms] = [0, 0, 0];
    if (all === 0) return [];
    const late = ms / all < ANSWER_MS ? 0 : all;
    const of = (slo: string, bad: number) => ({
      ...{ slo, bucket_at, good: all - bad, bad, unknown: 0, maintenance: 0 },
    });
    return [of('api-latency', late), of('api-errors', failed)];
  }
}
