/**
 * The only routes that answer without a login: liveness, and the login itself. A list in one place, so that a feature
 * cannot open a route of its own by mistake; everything else, the page's own files too, asks for the PIN first.
 */
const OPEN: ReadonlySet<string> = new Set(['GET /healthz', 'HEAD /healthz', 'POST /api/session']);

/** Methods that change nothing. */
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** True where nobody has to log in. @param route the route's pattern; undefined where no route matches */
export function isOpen(method: string, route: string | undefined): boolean {
  return route !== undefined && OPEN.has(`${method} ${route}`);
}

/** What a request says about where it comes from. */
export interface RequestOrigin {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** Sec-Fetch-Site; browsers send it to https and to localhost only. */
  readonly site: string | undefined;
}

/**
 * True for a changing request that a page of another site made a browser send. Programs send neither header and are
 * let through to the login: no browser holds their credentials.
 */
export function isForeign({ method, host, origin, site }: RequestOrigin): boolean {
  if (READING.has(method)) return false;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return origin !== undefined && hostOf(origin) !== host;
}

/** Host and port of an origin; undefined for "null" and for what is no address. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
