import { sitesOf } from '../fleet/sites.js';
import type { Store } from '../store/store.js';
import { openShare, openSpans } from './open-time.js';
import type { Span } from './zone.js';

/** The largest bucket, and the week that is compared with, may begin or end so far outside of a range (ms). */
const MARGIN_MS = 31 * 24 * 3_600_000;

/** Tells the share of a span in which a site is open; null where nobody has said when it is. */
export type OpenShares = (site: string, span: Span) => number | null;

/** The shares for buckets of a range, each worked out once: all lines of a site ask for the same ones. */
export async function openSharesOf(
  store: Store,
  site: string | undefined,
  { from, to }: { from: number; to: number },
): Promise<OpenShares> {
  const open = new Map<string, { spans: Span[]; shares: Map<number, number> }>();
  const range = { from: from - MARGIN_MS, to: to + MARGIN_MS };
  for (const { name, timeZone, openingHours: hours, closures } of await sitesOf(store, site)) {
    if (hours === null) continue;
    open.set(name, { spans: openSpans({ timeZone, hours, closures }, range), shares: new Map() });
  }
  return (name, span) => {
    const known = open.get(name);
    if (known === undefined) return null;
    const share = known.shares.get(span.start) ?? openShare(known.spans, span);
    known.shares.set(span.start, share);
    return share;
  };
}
