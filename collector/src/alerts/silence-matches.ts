/** What a silence or a reason is about: a rule, at a place. */
export interface AlertPlace {
  readonly rule: string;
  readonly path: string;
}

/** Null fits everything. */
export interface Matcher {
  readonly rule: string | null;
  readonly path: string | null;
}

/** Whether a matcher fits an alert: its rule, at its place or above. */
export function fits({ rule, path }: Matcher, alert: AlertPlace): boolean {
  if (rule !== null && rule !== alert.rule) return false;
  return path === null || alert.path === path || alert.path.startsWith(`${path}/`);
}
