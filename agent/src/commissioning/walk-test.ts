import type { EventRecord } from '@headcount/shared';
import type { DeviceKey } from './device-key.js';

/** Crossings by direction. */
export interface Walked {
  readonly in: number;
  readonly out: number;
}

/** A walk test under way. */
export interface RunningWalkTest {
  readonly camera: string;
  readonly line: string;
  /** UTC ms. */
  readonly startedAt: number;
  /** What the machine has counted since then. */
  readonly counted: Walked;
}

/** What a finished walk test says; signed by the device, kept by the collector as the proof of commissioning. */
export interface WalkTestResult extends RunningWalkTest {
  readonly gateway: string;
  /** UTC ms. */
  readonly endedAt: number;
  /** How often the technician says that he walked. */
  readonly walked: Walked;
  readonly passed: boolean;
  readonly configVersion: string;
  readonly modelHash: string;
}

/** A result with the proof of where it comes from. */
export interface SignedWalkTest {
  readonly result: WalkTestResult;
  /** Ed25519 over the JSON text of `result`, base64. */
  readonly signature: string;
  /** SubjectPublicKeyInfo, base64 DER. */
  readonly publicKey: string;
}

/** What walk tests need of the agent. */
export interface WalkTestOptions {
  readonly gateway: string;
  readonly key: DeviceKey;
  /** Never-reset totals of a line; undefined when there is no such line. */
  readonly totals: (camera: string, line: string) => Walked | undefined;
  /** What stands on every count. */
  readonly versions: () => { readonly configVersion: string; readonly modelHash: string };
  readonly write: (records: readonly EventRecord[]) => void;
  /** UTC ms. */
  readonly now: () => number;
}

/**
 * A technician walks over a line and back, and the gateway proves what it counted. One test at a time: while somebody
 * walks, nobody else should.
 */
export class WalkTests {
  private readonly options: WalkTestOptions;
  private test: { camera: string; line: string; startedAt: number; before: Walked } | undefined;

  constructor(options: WalkTestOptions) {
    this.options = options;
  }

  /** Begin; a test that was not finished is forgotten. @returns undefined when there is no such line */
  start(camera: string, line: string): RunningWalkTest | undefined {
    const before = this.options.totals(camera, line);
    if (before === undefined) return undefined;
    this.test = { camera, line, startedAt: this.options.now(), before };
    return this.running();
  }

  /** The test under way with what was counted so far. */
  running(): RunningWalkTest | undefined {
    if (this.test === undefined) return undefined;
    const { camera, line, startedAt, before } = this.test;
    const now = this.options.totals(camera, line);
    if (now === undefined) return undefined;
    return { camera, line, startedAt, counted: { in: now.in - before.in, out: now.out - before.out } };
  }

  /** End the test: sign what came out and send it to the collector. @returns undefined when none is under way */
  finish(walked: Walked): SignedWalkTest | undefined {
    const running = this.running();
    if (running === undefined) return undefined;
    const { gateway, key, versions, write, now } = this.options;
    const { counted } = running;
    const passed = counted.in === walked.in && counted.out === walked.out;
    const result = { gateway, ...running, endedAt: now(), walked, passed, ...versions() };
    const signed = { result, signature: key.sign(JSON.stringify(result)), publicKey: key.publicKey };
    write([{ kind: 'event', at: result.endedAt, event: 'walk-test', detail: JSON.stringify(signed) }]);
    this.test = undefined;
    return signed;
  }

  /** Forget the test under way. */
  cancel(): void {
    this.test = undefined;
  }
}
