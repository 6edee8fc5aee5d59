/** What is looked at on the way to the collector, in this order. */
export const STEPS = ['dns', 'time', 'tcp', 'tls', 'login', 'round-trip'] as const;
export type Step = (typeof STEPS)[number];

/** The longest that a step may take (ms); 20 s together, because somebody stands there and waits. */
export const STEP_LIMIT_MS: Readonly<Record<Step, number>> = {
  dns: 4000,
  time: 2000,
  tcp: 4000,
  tls: 4000,
  login: 4000,
  'round-trip': 2000,
};

/** What a step can say; the words stand in words.ts. */
export type StepCode =
  | 'dns-fine'
  | 'dns-not-needed'
  | 'dns-unknown'
  | 'dns-failed'
  | 'time-fine'
  | 'time-off'
  | 'time-silent'
  | 'time-not-configured'
  | 'tcp-fine'
  | 'tcp-refused'
  | 'tcp-silent'
  | 'tcp-failed'
  | 'tls-fine'
  | 'tls-soon'
  | 'tls-not-used'
  | 'tls-untrusted'
  | 'tls-name'
  | 'tls-expired'
  | 'tls-not-yet'
  | 'tls-failed'
  | 'login-fine'
  | 'login-refused'
  | 'login-silent'
  | 'login-failed'
  | 'round-trip-fine'
  | 'round-trip-silent'
  | 'earlier'
  | 'late';

/** What a check found. */
export interface Finding {
  /** `skipped` is neither good nor bad: there was nothing to look at, or something before it failed. */
  readonly outcome: 'good' | 'bad' | 'skipped';
  readonly code: StepCode;
  /** Values for the words; no secrets. */
  readonly values: Readonly<Record<string, string | number>>;
}

/** A finding with its step and how long it took (ms); null for a step that was not tried. */
export interface StepResult extends Finding {
  readonly step: Step;
  readonly ms: number | null;
}

/** One check per step. Each stops when its signal aborts, and throws only then or on a mistake of its own. */
export type Checks = Readonly<Record<Step, (signal: AbortSignal) => Promise<Finding>>>;
