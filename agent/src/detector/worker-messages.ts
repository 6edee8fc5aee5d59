import type { ModelFamily } from '../config/config.js';
import type { ModelInput } from '../decoder/layout.js';
import type { Candidate } from './decode.js';

/** What a worker thread is started with. */
export interface WorkerSetup {
  readonly model: string;
  readonly threads: number;
  /** Least score that is reported, 0 to 1. */
  readonly threshold: number;
  readonly family: ModelFamily | 'auto';
  /** What stands in the file beside the graph. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** What the worker found in the file. */
export interface WorkerReady {
  readonly kind: 'ready';
  readonly family: ModelFamily;
  readonly input: ModelInput;
  /** Memory for one packed I420 image of the input's size each; written by the main thread, read by the worker. */
  readonly slots: readonly SharedArrayBuffer[];
}

/** What the worker thread answers; it gets the number of each slot in which an image lies ready, and answers in turn. */
export type WorkerAnswer =
  | WorkerReady
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[]; readonly inferenceMs: number }
  | { readonly kind: 'failed'; readonly message: string };
