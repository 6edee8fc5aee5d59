import { sitesOf } from '../fleet/sites.js';
import type { Store } from '../store/store.js';
import { openShare, openSpans } from './open-time.js';
import type { Span } from './zone.js';

/** The largest bucket, and the week that is compared with, may begin or end so far outside of a range (ms). */
const MARGIN_MS = 31 * 24 * 3_600_000;

/** Tells the share of a span in which a site is open; null where nobody has said when it is. */
export type OpenShares = (site: string, span: Span) => number | null;

/** The shares for buckets of a range; each site's are worked out when they are asked for, and once. */
export async function openSharesOf(
  store: Store,
  site: string | undefined,
  { from, to }: { from: number; to: number },
): Promise<OpenShares> {
  const sites = new Map((await sitesOf(store, site)).map((one) => [one.name, one]));
  const known = new Map<string, (span: Span) => number | null>();
  const range = { from: from - MARGIN_MS, to: to + MARGIN_MS };
  const sharesOf = (name: string) => {
    const { timeZone = '', openingHours: hours = null, closures = [] } = sites.get(name) ?? {};
    if (hours === null) return () => null;
    const spans = openSpans({ timeZone, hours, closures }, range);
    const shares = new Map<number, number>();
    return (span: Span) => {
      const share = shares.get(span.start) ?? openShare(spans, span);
      shares.set(span.start, share);
      return share;
    };
  };
  return (name, span) => {
    const shares = known.get(name) ?? sharesOf(name);
    known.set(name, shares);
    return shares(span);
  };
}
